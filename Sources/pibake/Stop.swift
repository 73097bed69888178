import ArgumentParser
import Bytes
import Glibc
import Storage

/// The end of a run that did not do what was asked.
enum Stop {
  /// A failure of a command whose exit status 1 says something else: it ends with 2, as diff(1) has it.
  struct Trouble: Error {
    let cause: any Error
  }

  /// Says on standard error what stopped the run, and ends the process with the status for it.
  static func end(with error: any Error) -> Never {
    switch error {
    case let trouble as Trouble:
      if let failure = trouble.cause as? any Failure, failure.kind != .usage {
        if failure is Interrupted { end(with: failure) }
        say(failure)
        exit(2)
      }
      end(with: trouble.cause)
    case is Interrupted:
      Terminal.say("error: interrupted")
      exit(130)
    case let status as ExitCode:
      exit(status.rawValue)
    case let failure as any Failure:
      say(failure)
      exit(failure.kind == .usage ? 2 : 1)
    default:
      // Wrong arguments are 64 by that library's custom, and 2 by ours; help that was asked for is no failure.
      if Pibake.exitCode(for: error) == .validationFailure {
        // That library begins with a capital; every other error of ours, and of compilers, does not.
        let message = Pibake.fullMessage(for: error)
        Terminal.sayLines(message.hasPrefix("Error:") ? "error:" + message.dropFirst(6) : message)
        exit(2)
      }
      Pibake.exit(withError: error)
    }
  }

  /// Says what a failure is, and what helps.
  static func say(_ failure: any Failure) {
    for part in failure.parts {
      Terminal.say("\(part.place.map { "\($0): " } ?? "")error: \(part)")
      if let hint = part.hint { Terminal.say("hint: \(hint)") }
    }
  }
}
