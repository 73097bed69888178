extension Form<String> {
  /// A path of the node.
  static var absolutePath: Form { text("an absolute path without '.' and '..'") { $0.isNormalizedAbsolutePath } }

  /// Where a symbolic link leads to: any path.
  static var linkTarget: Form { text("a path") { $0.isPath } }
}

extension Form<UInt16> {
  /// Permission bits: octal digits in a string, or an octal integer. Others are taken for a slip: 644 is 0o1204.
  static var permissions: Form {
    Form(
      .any([.text(pattern: "^[0-7]{3,4}$"), .integer(0...0o7777)]),
      "octal digits such as \"0644\", or an octal number such as 0o644"
    ) { setting in
      switch setting.content {
      case .integer(let number, radix: 8):
        if let mode = UInt16(exactly: number), mode <= 0o7777 { return .success(mode) }
        return .failure(Mismatch(found: "0o\(String(number, radix: 8))", message: "expected at most 0o7777"))
      case .integer(let number, _):
        return .failure(
          Mismatch(found: "\(number)", message: "expected octal, written \"0644\" or 0o644; this number is not octal"))
      default:
        return text("three or four octal digits such as \"0644\"") { digits in
          (3...4).contains(digits.utf8.count) && digits.first != "+" ? UInt16(digits, radix: 8) : nil
        }.read(setting)
      }
    }
  }
}

extension String {
  /// Whether the text is an absolute path whose parts are neither empty nor `.` nor `..`.
  var isNormalizedAbsolutePath: Bool {
    guard hasPrefix("/"), isPath, isLine else { return false }
    return dropFirst().split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
      !part.isEmpty && part != "." && part != ".." && part.utf8.count <= 255
    }
  }
}
