import ArgumentParser
import BaseImage
import Bytes
import FileTree
import Storage
import SystemPackage

/// `pibake diff A B`
struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "Tell what differs between two images, folders, archives or manifests.",
    discussion: """
      One line a path: + for what only B has, - for what only A has, ~ for what differs, with what differs in it. What \
      one side cannot say, such as owners on FAT, does not differ. Beside FAT names that differ in case only are one \
      name, which differs.

      Exit status: 0 equal, 1 different, 2 trouble, 130 interrupted.
      """)

  @Argument(help: "An image, a folder, a tar archive, or a manifest.")
  var a: FilePath

  @Argument(help: "The same.")
  var b: FilePath

  @Option(help: "Which partition of images: root, boot, or a number from 1.")
  var partition = StockDisk.Selector.root

  @Option(
    name: .long, help: "What may differ: \(ComparedField.allCases.map(\.rawValue).joined(separator: ", ")).")
  var ignore: [FieldList] = []

  @Flag(help: "One JSON object a line.")
  var json = false

  @OptionGroup var reading: ReadingOptions

  func run() throws {
    let isEqual: Bool
    do { isEqual = try Interrupt.watching(compare) } catch { throw Stop.Trouble(cause: error) }
    if !isEqual { throw ExitCode(1) }
  }

  /// Prints what differs.
  ///
  /// - Returns: whether nothing does.
  private func compare(_ progress: Progress) throws -> Bool {
    let opening = reading.opening(progress)
    var comparison = try Comparison(
      opening.side(a, partition), opening.side(b, partition), ignoring: Set(ignore.flatMap(\.fields)),
      progress: progress)
    var text: [UInt8] = []
    let isEqual = try comparison.run { difference in
      text += json ? difference.json : difference.line
      guard text.count >= 64 << 10 else { return }
      try Terminal.write(text.span)
      text.removeAll(keepingCapacity: true)
    }
    try Terminal.write(text.span)
    return isEqual
  }
}

/// Names of fields with commas between.
struct FieldList: ExpressibleByArgument {
  let fields: [ComparedField]

  init?(argument: String) {
    let fields = argument.split(separator: ",").map { ComparedField(rawValue: String($0)) }
    guard !fields.isEmpty, !fields.contains(nil) else { return nil }
    self.fields = fields.compactMap(\.self)
  }
}

extension Difference {
  /// The difference as a person reads it.
  fileprivate var line: [UInt8] {
    let mark = before == nil ? "+" : after == nil ? "-" : "~"
    var line = "\(mark) \(path.escaped)"
    if let before, let after {
      line += ": " + fields.map { field($0, before, after) }.joined(separator: ", ")
    } else if let record = before ?? after, record.type != "file" {
      line += " (\(record.type))"
    }
    return Array("\(line)\n".utf8)
  }

  /// The difference with both records, as one JSON object.
  fileprivate var json: [UInt8] {
    var text = JSONText()
    text.open()
    text.key("path", escaping: path)
    text.key("change", string: before == nil ? "added" : after == nil ? "removed" : "changed")
    text.key("fields", strings: fields.map(\.rawValue))
    text.key("before", before)
    text.key("after", after)
    text.close()
    return text.bytes
  }

  private func field(_ field: ComparedField, _ before: ManifestRecord, _ after: ManifestRecord) -> String {
    func change(_ value: (ManifestRecord) -> String?) -> String {
      "\(field.rawValue) \(value(before) ?? "-") -> \(value(after) ?? "-")"
    }
    return switch field {
    case .name: change { $0.name.escaped }
    case .type: change { $0.type }
    case .mode: change { $0.mode?.octal }
    case .uid: change { $0.uid.map { "\($0)" } }
    case .gid: change { $0.gid.map { "\($0)" } }
    case .size: change { $0.size.map { "\($0)" } }
    case .mtime: change { $0.modified?.decimal }
    case .nlink: change { $0.linkCount.map { "\($0)" } }
    case .attr: change { $0.attributes }
    case .rdev: change { $0.device.map { "\($0.major):\($0.minor)" } }
    case .target: change { $0.target?.escaped }
    case .same: change { $0.same?.escaped }
    case .xattrs: "xattrs \(xattrs(before, after))"
    case .content: "content"
    }
  }

  /// The names of attributes that differ, each with what happened to it.
  private func xattrs(_ before: ManifestRecord, _ after: ManifestRecord) -> String {
    let names = Set((before.xattrs + after.xattrs).map(\.name)).sorted { $0.lexicographicallyPrecedes($1) }
    return names.compactMap { name in
      let old = before.xattrs.first { $0.name == name }
      let new = after.xattrs.first { $0.name == name }
      if old == new { return nil }
      return "\(old == nil ? "+" : new == nil ? "-" : "~")\(name.escaped)"
    }.joined(separator: " ")
  }
}
