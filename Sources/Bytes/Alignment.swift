extension BinaryInteger {
  /// The smallest multiple of `alignment` that is not below the value.
  @inlinable
  package func rounded(upTo alignment: Self) -> Self {
    dividedRoundingUp(by: alignment) * alignment
  }

  /// The quotient, rounded towards the larger number: how many pieces of `divisor` hold the value.
  @inlinable
  package func dividedRoundingUp(by divisor: Self) -> Self {
    self == 0 ? 0 : (self - 1) / divisor + 1
  }
}
