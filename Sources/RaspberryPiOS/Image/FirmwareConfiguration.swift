import Bytes
import FileTree

/// The firmware's settings as it reads them: config.txt with the files that it includes, each line under its filters.
///
/// Source: configuration/config_txt of Raspberry Pi's documentation. Where that does not say what the firmware does,
/// both possibilities are kept.
struct FirmwareConfiguration: Sendable {
  /// The starts on which a line counts.
  enum Reach: Sendable, Equatable {
    case never
    /// Only a start by `reboot "0 tryboot"`.
    case tryboot
    /// Some boards, or some circumstances.
    case some
    case all
  }

  /// A line that sets a key.
  struct Setting: Sendable, Equatable {
    let key: String
    let value: String
    let reach: Reach
    let file: TreePath
    /// From 1.
    let line: Int

    /// "config.txt:3: cmdline=try.txt"
    var description: String { "\(place): \(key)=\(value.printable)" }
    /// "config.txt:3"
    var place: String { "\(NodeSystem.name(of: file)):\(line)" }
  }

  /// All lines that set a key, in the order in which the firmware meets them.
  private(set) var settings: [Setting] = []
  /// What is wrong with the files: one sentence each.
  private(set) var problems: [String] = []
  /// The files that are read, each once.
  private(set) var files: [TreePath] = []

  /// How deep files may include each other, and how many of how many bytes are read in all.
  private static let depthLimit = 8
  private static let readLimit = 64
  private static let byteLimit = 1 << 20
  /// How many problems are told.
  private static let problemLimit = 16

  private var reads = 0
  private var byteCount = 0

  /// Reads the file `name` of the boot partition and what it includes. Without the file nothing is set.
  ///
  /// - Throws: `.io` if a file cannot be read.
  init(_ boot: FileTree, from name: String = "config.txt") throws(RaspberryPiOSError) {
    var filters = Filters()
    try read(boot.pathIgnoringCase(TreePath().appending(text: name)), boot, chain: [], &filters)
  }

  private mutating func report(_ problem: String) {
    if problems.count < FirmwareConfiguration.problemLimit { problems.append(problem) }
  }

  private mutating func read(
    _ path: TreePath, _ boot: FileTree, chain: [TreePath], _ filters: inout Filters
  ) throws(RaspberryPiOSError) {
    guard let bytes = try boot.bytes(at: path) else { return }
    reads += 1
    byteCount += bytes.count
    guard byteCount <= FirmwareConfiguration.byteLimit else {
      report("\(NodeSystem.name(of: path)) is one file too many: the firmware's settings are more than 1 MiB")
      return
    }
    if !files.contains(path) { files.append(path) }
    let decoded = DecodedText(bytes)
    let name = NodeSystem.name(of: path)
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      report("\(name) is UTF-16, which the firmware cannot read")
    }
    let lines = decoded.text.split(omittingEmptySubsequences: false) { $0.isNewline }
    for (index, text) in lines.enumerated() {
      let line = text.trimmed
      if line.isEmpty || line.hasPrefix("#") { continue }
      if line.hasPrefix("[") {
        filters.apply(line)
      } else if let file = FirmwareConfiguration.included(by: line) {
        let place = "\(name):\(index + 1)"
        try include(file, boot, chain: chain + [path], at: place, &filters)
      } else if let equals = line.firstIndex(of: "=") {
        settings.append(
          Setting(
            key: line[..<equals].trimmed, value: line[line.index(after: equals)...].trimmed, reach: filters.reach,
            file: path, line: index + 1))
      }
    }
  }

  /// The file of a line `include FILE`.
  private static func included(by line: String) -> String? {
    guard line.hasPrefix("include"), let blank = line.dropFirst(7).first, blank.isWhitespace else { return nil }
    return line.dropFirst(7).trimmed
  }

  private mutating func include(
    _ file: String, _ boot: FileTree, chain: [TreePath], at place: String, _ filters: inout Filters
  ) throws(RaspberryPiOSError) {
    guard filters.reach != .never else { return }
    guard let given = TreePath(file), !given.names.isEmpty, boot.has(boot.pathIgnoringCase(given)) else {
      report("\(place) includes \(file.printable), which is not there")
      return
    }
    let path = boot.pathIgnoringCase(given)
    guard !chain.contains(path) else {
      report("\(place) includes \(file.printable), which leads back to itself")
      return
    }
    guard chain.count < FirmwareConfiguration.depthLimit, reads < FirmwareConfiguration.readLimit else {
      report("\(place) includes \(file.printable), which is too deep or one file too many to follow")
      return
    }
    let before = filters
    try read(path, boot, chain: chain, &filters)
    // Whether a filter of an included file outlives its end is not documented.
    if filters != before { filters.isUncertain = true }
  }
}

/// The filters that are in force at a line.
private struct Filters: Equatable {
  var isNone = false
  var model: String?
  /// The kinds of filters, other than models, of which one is in force.
  var others: Set<String> = []
  var isTryboot = false
  var isUncertain = false

  /// What the line `[…]` does: a filter replaces those of its kind, and `[all]` ends all of them.
  mutating func apply(_ line: String) {
    let name = line.dropFirst().prefix { $0 != "]" }.trimmed.lowercased()
    switch name {
    case "all": self = Filters()
    case "none": isNone = true
    case "tryboot": isTryboot = true
    case _ where name.hasPrefix("pi") || name.hasPrefix("cm"):
      isNone = false
      model = name
    default: others.insert(String(name.prefix { $0 != "=" && $0 != "&" }))
    }
  }

  var reach: FirmwareConfiguration.Reach {
    if isNone, !isUncertain { return .never }
    if isTryboot { return .tryboot }
    return isNone || model != nil || !others.isEmpty || isUncertain ? .some : .all
  }
}
