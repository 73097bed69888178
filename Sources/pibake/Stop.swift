import ArgumentParser
import Baking
import Bytes
import Glibc

/// The end of a run that did not do what was asked.
enum Stop {
  /// Says on standard error what stopped the run, and ends the process with the status for it.
  static func end(with error: any Error) -> Never {
    switch error {
    case BakeError.interrupted:
      Terminal.say("pibake: interrupted")
      exit(130)
    case let status as ExitCode:
      exit(status.rawValue)
    case let failure as any Failure:
      Terminal.say("pibake: \(failure)")
      if let hint = failure.hint { Terminal.say("hint: \(hint)") }
      exit(failure.kind == .usage ? 2 : 1)
    default:
      // Wrong arguments are 64 by that library's custom, and 2 by ours; help that was asked for is no failure.
      if Pibake.exitCode(for: error) == .validationFailure {
        Terminal.say(Pibake.fullMessage(for: error))
        exit(2)
      }
      Pibake.exit(withError: error)
    }
  }
}
