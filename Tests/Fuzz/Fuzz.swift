import CFuzzer
import Glibc

/// A reader that takes any bytes, as libFuzzer gives them.
protocol FuzzTarget: SendableMetatype {
  /// Reads `input`: errors are fine, and what comes out must keep what the reader promises.
  static func read(_ input: [UInt8])
}

/// The targets by name.
private let targets: [String: any FuzzTarget.Type] = [
  "ext4": Ext4Target.self, "fat": FATTarget.self, "table": TableTarget.self, "container": ContainerTarget.self,
  "recipe": RecipeTarget.self,
]

/// The target of this process. The name comes by the environment: libFuzzer starts itself again with its own arguments.
private let target: (any FuzzTarget.Type)? = unsafe getenv("PIBAKE_FUZZ_TARGET").flatMap {
  targets[unsafe String(cString: $0)]
}

@main enum Fuzz {
  static func main() {
    guard target != nil else {
      print("PIBAKE_FUZZ_TARGET must be one of \(targets.keys.sorted().joined(separator: ", "))")
      exit(2)
    }
    var count = CommandLine.argc
    var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = unsafe CommandLine.unsafeArgv
    exit(
      unsafe LLVMFuzzerRunDriver(&count, &arguments) { data, size in
        target?.read(unsafe Array(UnsafeBufferPointer(start: data, count: size)))
        return 0
      })
  }
}

/// Ends the process, which libFuzzer then reports with the input: a reader broke its word.
func require(_ isKept: Bool, _ promise: @autoclosure () -> String) {
  guard !isKept else { return }
  print("broken promise: \(promise())")
  abort()
}
