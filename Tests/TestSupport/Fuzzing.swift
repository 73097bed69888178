/// How long the mutation tests go on: seconds in every run, as long as one likes in a sweep.
package enum Fuzzing {
  /// `short` rounds, times PIBAKE_FUZZ_FACTOR where it is set: `make sweep` sets it.
  package static func rounds(_ short: Int) -> Int {
    short * max(1, Environment.value(of: "PIBAKE_FUZZ_FACTOR").flatMap { Int($0) } ?? 1)
  }

  /// Where the mutations start from: PIBAKE_FUZZ_SEED, or `usual`.
  package static func seed(_ usual: UInt64) -> UInt64 {
    Environment.value(of: "PIBAKE_FUZZ_SEED").flatMap { UInt64($0) } ?? usual
  }
}
