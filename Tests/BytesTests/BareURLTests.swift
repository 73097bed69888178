import Bytes
import Testing

@Suite struct `The bare form of a URL` {
  @Test(arguments: [
    ("https://host/a/b.img", "https://host/a/b.img"),
    ("https://user:pass@host:8443/a?token=1#f", "https://host:8443/a"),
    ("https://token@host/a@b/c", "https://host/a@b/c"),
    ("https://a@b@host?x=/y", "https://host"),
    ("http://[fe80::1%25eth0]:80/x#y", "http://[fe80::1%25eth0]:80/x"),
    ("HTTPS://u:p@host/x", "HTTPS://host/x"),
    ("file:///srv/image.img?x", "file:///srv/image.img"),
    ("s3+http://u:p@bucket/x", "s3+http://bucket/x"),
    ("images/raspios.img.xz", "images/raspios.img.xz"),
  ])
  func `is scheme, host, port and path`(_ url: String, _ bare: String) { #expect(url.bareURL == bare) }

  /// What cannot be told apart is not shown at all.
  @Test(arguments: [
    ("https://user:pa/ss@host/x", "https://…"), ("https://user:pa?ss@host/x", "https://…"),
    ("https://user:pa#ss@host/x", "https://…"), ("https://[pass", "https://…"), ("https://pa]ss/", "https://…"),
    ("user:pass@host/x", "…"), ("host/x?token=1", "…"), ("pa ss://host/x", "…"), ("://host", "…"),
  ])
  func `hides what is no well-formed URL`(_ url: String, _ bare: String) { #expect(url.bareURL == bare) }
}
