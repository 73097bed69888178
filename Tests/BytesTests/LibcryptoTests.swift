import Testing

@testable import Bytes

struct LibcryptoTests {
  @Test func `answers as it must`() throws { try Libcrypto.check() }

  @Test func `a refusal says which algorithm and which configuration`() {
    let error = LibcryptoError.refused("SHA-256", configuration: "/etc/fips.cnf")
    #expect("\(error)" == "the libcrypto of this machine refuses SHA-256 (OPENSSL_CONF=/etc/fips.cnf)")
    #expect(error.kind == .io)
  }
}
