/// A file of colon-separated records keyed by a name, such as passwd(5). Records that no edit touches, and lines that
/// are no records, stay byte for byte.
struct AccountFile: Sendable {
  private var file: TextFile
  private let fieldCount: Int

  /// The records of `file`, each of `fieldCount` fields; what has fewer is left alone.
  init(_ file: TextFile, fieldCount: Int) {
    self.file = file
    self.fieldCount = fieldCount
  }

  var bytes: [UInt8] { file.bytes }

  /// The fields of all records in their order.
  var records: [[String]] { file.indices.compactMap { fields(at: $0) } }

  /// The first record that `predicate` holds for; those after it are not split.
  func firstRecord(where predicate: ([String]) -> Bool) -> [String]? {
    file.indices.lazy.compactMap { fields(at: $0) }.first(where: predicate)
  }

  /// The record called `name`. Setting it replaces the record, adds one, or removes it with nil.
  subscript(name: String) -> [String]? {
    get { index(of: name).flatMap { fields(at: $0) } }
    set {
      guard let newValue else { return file.removeAll { AccountFile.name(of: $0) == name } }
      let line = newValue.joined(separator: ":")
      if let index = index(of: name) { file[index] = line } else { file.append(line) }
    }
  }

  /// Changes every record for which `change` returns another.
  mutating func update(_ change: ([String]) -> [String]) {
    for index in file.indices {
      guard let old = fields(at: index) else { continue }
      let new = change(old)
      if new != old { file[index] = new.joined(separator: ":") }
    }
  }

  private func index(of name: String) -> Int? {
    file.firstIndex { AccountFile.name(of: $0) == name && $0.contains(":") }
  }

  private func fields(at index: Int) -> [String]? {
    let fields = file[index].split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    return fields.count >= fieldCount && !file[index].hasPrefix("#") ? fields : nil
  }

  private static func name(of line: String) -> String { String(line.prefix { $0 != ":" }) }
}
