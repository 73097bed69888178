import FileTree
import Storage

/// The users and groups of a system: passwd(5), group(5), their shadows, and the ranges for containers.
struct AccountDatabase: Sendable {
  private var passwd: AccountFile
  private var shadow: AccountFile
  private var group: AccountFile
  private var gshadow: AccountFile?
  /// Ranges of subordinate ids, in subuid and subgid alike.
  private var subordinates: [AccountFile?]

  private static let subordinatePaths: [TreePath] = ["etc/subuid", "etc/subgid"]

  /// One line of passwd.
  struct User: Sendable {
    var name: String
    var uid: UInt32
    var gid: UInt32
    var home: String
    var shell: String

    /// The home as a path; nil for anything but an absolute path below the root without `..`.
    var homePath: TreePath? {
      guard home.hasPrefix("/"), let path = TreePath(home), !path.names.isEmpty else { return nil }
      return path
    }
  }

  /// The accounts of `root`.
  ///
  /// - Throws: `.unsupported` if passwd, shadow or group is not there.
  init(_ root: FileTree) throws(RaspberryPiOSError) {
    func file(_ path: TreePath, _ fieldCount: Int) throws(RaspberryPiOSError) -> AccountFile? {
      try root.text(at: path).map { AccountFile($0, fieldCount: fieldCount) }
    }
    guard let passwd = try file("etc/passwd", 7) else { throw .unsupported("the image has no /etc/passwd") }
    guard let shadow = try file("etc/shadow", 9) else { throw .unsupported("the image has no /etc/shadow") }
    guard let group = try file("etc/group", 4) else { throw .unsupported("the image has no /etc/group") }
    self.passwd = passwd
    self.shadow = shadow
    self.group = group
    gshadow = try file("etc/gshadow", 4)
    subordinates = []
    for path in AccountDatabase.subordinatePaths { subordinates.append(try file(path, 3)) }
  }

  /// Writes the files that have changed back to `root`.
  func write(to root: inout FileTree, time: Timestamp) throws(RaspberryPiOSError) {
    try root.write(passwd.bytes, to: "etc/passwd", time: time)
    try root.write(shadow.bytes, to: "etc/shadow", mode: 0o640, time: time)
    try root.write(group.bytes, to: "etc/group", time: time)
    if let gshadow { try root.write(gshadow.bytes, to: "etc/gshadow", mode: 0o640, time: time) }
    for (path, file) in zip(AccountDatabase.subordinatePaths, subordinates) {
      if let file { try root.write(file.bytes, to: path, time: time) }
    }
  }

  // MARK: Looking up

  /// The user called `name`.
  func user(_ name: String) -> User? { passwd[name].flatMap(AccountDatabase.user) }

  /// The user whose number is `uid`.
  func user(uid: UInt32) -> User? { users.first { $0.uid == uid } }

  /// All users, in the order of passwd.
  var users: [User] { passwd.records.compactMap(AccountDatabase.user) }

  /// The number of the group called `name`.
  func gid(of name: String) -> UInt32? { group[name].flatMap { UInt32($0[2]) } }

  /// The names of all groups, in the order of group.
  var groupNames: [String] { group.records.map { $0[0] } }

  /// The groups that list `name` as a member.
  func groups(of name: String) -> [String] {
    group.records.filter { $0[3].split(separator: ",").contains(Substring(name)) }.map { $0[0] }
  }

  /// The day of the last change of the password of `name`, counted from 1970, as shadow has it.
  func lastChange(of name: String) -> String? { shadow[name].map { $0[2] } }

  /// What shadow holds as the password of `name`.
  func password(of name: String) -> String? { shadow[name].map { $0[1] } }

  /// The name of the group whose number is `gid`.
  func groupName(gid: UInt32) -> String? { group.records.first { UInt32($0[2]) == gid }?[0] }

  private static func user(_ fields: [String]) -> User? {
    guard let uid = UInt32(fields[2]), let gid = UInt32(fields[3]) else { return nil }
    return User(name: fields[0], uid: uid, gid: gid, home: fields[5], shell: fields[6])
  }

  // MARK: Changing

  /// Gives the user `old` and its own group the name `new` in all files; a home called after the user follows.
  mutating func rename(_ old: User, to new: String) {
    func renamed(_ record: [String]) -> [String] { record[0] == old.name ? [new] + record.dropFirst() : record }
    func listing(_ record: [String]) -> [String] {
      record[..<2]
        + record[2...].map { field in
          field.split(separator: ",", omittingEmptySubsequences: false)
            .map { $0 == Substring(old.name) ? new : String($0) }.joined(separator: ",")
        }
    }
    passwd.update {
      var record = renamed($0)
      if record[0] == new, record[5] == "/home/\(old.name)" { record[5] = "/home/\(new)" }
      return record
    }
    shadow.update(renamed)
    let ownsGroup = gid(of: old.name) == old.gid
    group.update { listing(ownsGroup ? renamed($0) : $0) }
    gshadow?.update { listing(ownsGroup ? renamed($0) : $0) }
    for index in subordinates.indices { subordinates[index]?.update(renamed) }
  }

  /// Adds `user` with a group of its own and ranges of subordinate ids; `lastChange` is the day for shadow.
  mutating func add(_ user: User, lastChange: String) {
    passwd[user.name] = [user.name, "x", "\(user.uid)", "\(user.gid)", "", user.home, user.shell]
    shadow[user.name] = [user.name, "*", lastChange, "0", "99999", "7", "", "", ""]
    group[user.name] = [user.name, "x", "\(user.gid)", ""]
    gshadow?[user.name] = [user.name, "!", "", ""]
    for index in subordinates.indices {
      guard let file = subordinates[index] else { continue }
      let ends = file.records.compactMap { record -> UInt64? in
        guard let start = UInt32(record[1]), let count = UInt32(record[2]) else { return nil }
        return UInt64(start) + UInt64(count)
      }
      // SUB_UID_MIN and SUB_UID_COUNT of login.defs(5).
      subordinates[index]?[user.name] = [user.name, "\(ends.reduce(100_000, max))", "65536"]
    }
  }

  /// Removes the user called `name` everywhere, with the group of that name.
  mutating func remove(_ name: String) {
    setGroups(of: name, to: [])
    passwd[name] = nil
    shadow[name] = nil
    group[name] = nil
    gshadow?[name] = nil
    for index in subordinates.indices { subordinates[index]?[name] = nil }
  }

  /// Sets what shadow holds as the password of `name`, of an account that is open on `day`, counted from 1970.
  ///
  /// An empty or zero day of last change becomes `day`, because zero would ask for a new password at once. A day of
  /// expiry that is over goes.
  mutating func setPassword(_ field: String, of name: String, day: Int64) {
    var record = shadow[name] ?? [name, "*", "\(day)", "0", "99999", "7", "", "", ""]
    record[1] = field
    if record[2] == "0" || record[2].isEmpty { record[2] = "\(day)" }
    if let expiry = Int64(record[7]), expiry <= day { record[7] = "" }
    shadow[name] = record
    // The password lives in shadow alone.
    if var user = passwd[name], user[1] != "x" {
      user[1] = "x"
      passwd[name] = user
    }
  }

  /// Makes `name` a member of exactly `groups`.
  mutating func setGroups(of name: String, to groups: [String]) {
    func listing(_ record: [String]) -> [String] {
      var members = record[3].split(separator: ",").map(String.init)
      let isMember = members.contains(name)
      guard isMember != groups.contains(record[0]) else { return record }
      if isMember { members.removeAll { $0 == name } } else { members.append(name) }
      return record[..<3] + [members.joined(separator: ",")] + record[4...]
    }
    group.update(listing)
    gshadow?.update(listing)
  }

  /// Sets the login shell of `name`.
  mutating func setShell(_ shell: String, of name: String) {
    passwd.update { $0[0] == name ? $0[..<6] + [shell] : $0 }
  }

  /// Sets the number of `name`; the number of its group stays.
  mutating func setUID(_ uid: UInt32, of name: String) {
    passwd.update { $0[0] == name ? $0[..<2] + ["\(uid)"] + $0[3...] : $0 }
  }

  /// The first number after those of all people, as useradd counts (UID_MIN 1000, UID_MAX 60000).
  var nextUID: UInt32 {
    let people: ClosedRange<UInt32> = 1000...60000
    return users.map(\.uid).filter { people.contains($0) }.reduce(999, max) + 1
  }

  /// A number for a new group: `wanted` unless it is taken, else one that neither a user nor a group has.
  func freeGID(_ wanted: UInt32) -> UInt32 {
    let taken = Set(group.records.compactMap { UInt32($0[2]) }).union(users.map(\.uid))
    let isFree = !group.records.contains { UInt32($0[2]) == wanted }
    return isFree ? wanted : (1000...60000).first { !taken.contains($0) } ?? 60001
  }
}
