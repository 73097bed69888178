import Glibc

/// The variables of this process.
package enum Environment {
  /// The value of `name`; nil if it is not set.
  package static func value(of name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
  }
}
