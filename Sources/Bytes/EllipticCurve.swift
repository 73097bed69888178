import CCrypto

/// A NIST curve over a prime field (FIPS 186-4, appendix D.1.2), by the name that SSH gives it (RFC 5656, section 10.1).
package enum EllipticCurve: String, CaseIterable, Sendable {
  case nistp256, nistp384, nistp521

  /// Whether `point` is the uncompressed form (SEC 1, section 2.3.3) of a point of the curve that is not at infinity.
  package func contains(_ point: [UInt8]) -> Bool {
    guard point.first == 4 else { return false }
    let group = unsafe EC_GROUP_new_by_curve_name(number)
    defer { unsafe EC_GROUP_free(group) }
    guard let decoded = unsafe EC_POINT_new(group) else { return false }
    defer { unsafe EC_POINT_free(decoded) }
    return unsafe EC_POINT_oct2point(group, decoded, point, point.count, nil) == 1
  }

  private var number: Int32 {
    switch self {
    case .nistp256: NID_X9_62_prime256v1
    case .nistp384: NID_secp384r1
    case .nistp521: NID_secp521r1
    }
  }
}
