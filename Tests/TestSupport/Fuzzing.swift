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

/// A small generator whose whole state is its seed (SplitMix64; Steele, Lea and Flood, 2014): the same numbers in every run.
package struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  package init(_ seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
