import Bytes
import TOML

/// A text with variables, `{{node.name}}` and the like. In a template, `{{` always begins one.
struct Template {
  private let text: String

  init(_ text: String) { self.text = text }

  /// What a variable stands for.
  enum Variable: String, CaseIterable {
    case nodeName = "node.name"
    case nodeMAC = "node.mac"
    case nodeSerial = "node.serial"
    case hostname = "system.hostname"
    case rootDiskID = "root.disk_id"

    /// nil if the recipe does not say.
    func value(for node: NodeRecipe) -> String? {
      switch self {
      case .nodeName: node.name.description
      case .nodeMAC: node.mac?.description
      case .nodeSerial: node.serial
      case .hostname: node.system.hostname.description
      case .rootDiskID: node.root.diskID?.description
      }
    }
  }

  /// Why a template cannot be filled.
  struct Problem: Error, CustomStringConvertible {
    let description: String
  }

  /// The text with each variable replaced; without a node the variables are only looked at.
  func filled(for node: NodeRecipe?) -> Result<String, Problem> {
    var result = ""
    var rest = text[...]
    while let open = rest.firstRange(of: "{{") {
      result += rest[..<open.lowerBound]
      let behind = rest[open.upperBound...]
      guard let close = behind.firstRange(of: "}}") else {
        return .failure(Problem(description: "a variable has no closing }}"))
      }
      switch value(of: String(behind[..<close.lowerBound]), for: node) {
      case .success(let value): result += value
      case .failure(let problem): return .failure(problem)
      }
      rest = behind[close.upperBound...]
    }
    return .success(result + rest)
  }

  private func value(of written: String, for node: NodeRecipe?) -> Result<String, Problem> {
    let name = String(written.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    guard let variable = Variable(rawValue: name) else {
      let near = name.nearest(in: Variable.allCases.map(\.rawValue)).map { "; did you mean {{\($0)}}?" } ?? ""
      return .failure(Problem(description: "unknown variable {{\(name.printable)}}\(near)"))
    }
    guard let node else { return .success("") }
    guard let value = variable.value(for: node) else {
      return .failure(Problem(description: "{{\(name)}} has no value: the recipe of \(node.name) does not say it"))
    }
    return .success(value)
  }
}
