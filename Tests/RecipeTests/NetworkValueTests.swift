import Testing

@testable import Recipe

struct NetworkValueTests {
  @Test(arguments: [
    ("192.168.7.5", "192.168.7.5"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"), ("::", "::"),
    ("::1", "::1"), ("2001:DB8:0:0:0:0:0:5", "2001:db8::5"), ("::ffff:192.168.7.5", "::ffff:192.168.7.5"),
    ("fe80::1", "fe80::1"),
  ])
  func `addresses are read strictly and written in one way`(text: String, form: String) {
    #expect(IPAddress(text)?.description == form)
    #expect(IPAddress(form) == IPAddress(text))
  }

  @Test(arguments: [
    "", "192.168.7", "192.168.7.5.", "192.168.7.256", "192.168.07.5", "0x7f.0.0.1", "1.2.3.4/24", " 1.2.3.4",
    "1.2.3.4\0",
    ":", ":::", "::1::", "1:2:3:4:5:6:7:8:9", "12345::", "fe80::1%eth0", "::1\0", "[::1]", "::g", "eth0", "１.2.3.4",
  ])
  func `what is no address is none`(text: String) {
    #expect(IPAddress(text) == nil)
    #expect(NetworkAddress("\(text)/24") == nil)
  }

  @Test(arguments: [
    "10.0.0.1/33", "10.0.0.1/-1", "10.0.0.1/+8", "10.0.0.1/08", "10.0.0.1/", "10.0.0.1", "::1/129", "::1/64/2",
  ])
  func `a prefix is as long as its family allows`(text: String) { #expect(NetworkAddress(text) == nil) }

  @Test(arguments: [
    ("192.168.7.5/24", true, false), ("192.168.7.0/24", false, true), ("192.168.7.255/24", false, false),
    ("192.168.7.4/31", true, true), ("192.168.7.5/31", true, false), ("192.168.7.5/32", true, true),
    ("192.168.7.5/0", false, false), ("0.0.0.0/0", false, true), ("127.0.0.1/8", true, false),
    ("224.0.0.1/4", false, false), ("fd00::5/64", true, false), ("fd00::/64", false, true), ("fd00::/127", true, true),
    ("fd00::ffff:ffff:ffff:ffff/64", true, false), ("ff02::1/64", false, false), ("::/0", false, true),
    ("10.9.0.0/15", true, false), ("10.8.0.0/15", false, true),
  ])
  func `a host's address and a network's are told apart`(text: String, isHost: Bool, isNetwork: Bool) throws {
    let address = try #require(NetworkAddress(text))
    #expect(address.isHost == isHost)
    #expect(address.isNetwork == isNetwork)
    #expect(address.description == text)
  }

  @Test func `a network contains the addresses of its prefix`() throws {
    let net = try #require(NetworkAddress("10.8.3.4/15"))
    let others = ["10.8.0.0": true, "10.9.255.255": true, "10.10.0.0": false, "10.7.255.255": false, "::1": false]
    for (text, isInside) in others { #expect(net.contains(try #require(IPAddress(text))) == isInside, "\(text)") }
    let modern = try #require(NetworkAddress("fd00::5/64"))
    #expect(modern.contains(try #require(IPAddress("fd00::ffff:0:0:1"))))
    #expect(!modern.contains(try #require(IPAddress("fd00:0:0:1::1"))))
    #expect(try #require(IPAddress("febf::1")).isLinkLocal && !(try #require(IPAddress("fec0::1")).isLinkLocal))
  }

  // IEEE 802.11, annex J.4.2.
  @Test(arguments: [
    ("password", "IEEE", "f42c6fc52df0ebef9ebb4b90b38a5f902e83fe1b135a70e23aed762e9710a12e"),
    ("ThisIsAPassword", "ThisIsASSID", "0dc0d6eb90555ed6419756b9a15ec3e3209b63df707dd508d14581f8982721af"),
  ])
  func `a passphrase makes the key of the standard`(text: String, name: String, key: String) throws {
    let phrase = try #require(Passphrase(Secret(text)))
    #expect(phrase.preSharedKey(for: try #require(SSID(name))).secret.exposed == key)
  }

  @Test func `names, keys and countries are of their forms`() {
    #expect(SSID("") == nil && SSID(String(repeating: "x", count: 33)) == nil && SSID([]) == nil)
    #expect(SSID([0xFF])?.text == nil && SSID([0xFF])?.description == "0xff" && SSID("a\nb")?.text == nil)
    #expect(Passphrase(Secret("1234567")) == nil && Passphrase(Secret(String(repeating: "x", count: 64))) == nil)
    #expect(Passphrase(Secret("with ümlaut")) == nil && Passphrase(Secret("a\ttab here")) == nil)
    #expect(PreSharedKey(Secret(String(repeating: "g", count: 64))) == nil)
    #expect(PreSharedKey(Secret(String(repeating: "０", count: 64))) == nil)
    #expect(PreSharedKey(Secret(String(repeating: "A", count: 64)))?.secret.exposed.first == "a")
    #expect(CountryCode("at")?.description == "AT" && CountryCode("A") == nil && CountryCode("ÄT") == nil)
    #expect(InterfaceName("eth0") != nil && InterfaceName("") == nil && InterfaceName("..") == nil)
    #expect(InterfaceName("a b") == nil && InterfaceName("abcdefghijklmnop") == nil && InterfaceName("a/b") == nil)
    #expect(SearchDomain("example.org.")?.description == "example.org" && SearchDomain("a..b") == nil)
    #expect(SearchDomain("-a.b") == nil && SearchDomain("a;b") == nil && SearchDomain("") == nil)
  }
}
