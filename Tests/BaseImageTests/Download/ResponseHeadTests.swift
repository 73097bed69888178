import Testing

@testable import BaseImage

@Suite struct ResponseHeadTests {
  private func head(_ lines: String...) -> ResponseHead {
    var head = ResponseHead()
    for line in ["HTTP/1.1 200 OK"] + lines { head.read(Array("\(line)\r\n".utf8)) }
    return head
  }

  @Test(arguments: [
    "bytes 0-9/10", "Bytes 0-9/10", "bytes 0-9/*", "bytes */10", "bytes 5-4/10", "bytes 0-10/10", "bytes -1-9/10",
    "bytes 0--9/10", "bytes 0-9//10",
    "bytes 0-9/99999999999999999999", "bytes 0-9", "0-9/10", "bytes", "", "bytes 0-9/10 x", "bytes a-b/c",
  ])
  func `a range is taken only if it says all and makes sense`(_ text: String) {
    let range = head("Content-Range: \(text)").contentRange
    #expect(range == (text.lowercased() == "bytes 0-9/10" ? .init(first: 0, last: 9, total: 10) : nil))
  }

  @Test func `validators are strong ones`() {
    #expect(head(#"ETag: "a""#).validator == #""a""#)
    let date = "Mon, 05 Oct 2026 10:00:00 GMT"
    for tag in [#"W/"a""#, "a", #""a"#, #"""#, "\"a\u{7}\"", "\"\(String(repeating: "a", count: 600))\"", #""ä""#] {
      #expect(head("ETag: \(tag)").validator == nil, "\(tag)")
    }
    #expect(head("Last-Modified: \(date)", "Date: Mon, 05 Oct 2026 10:00:02 GMT").validator == date)
    #expect(head("Last-Modified: \(date)", "Date: Mon, 05 Oct 2026 10:00:01 GMT").validator == nil)
    #expect(head("Last-Modified: \(date)").validator == nil)
    #expect(head("Last-Modified: long ago", "Date: \(date)").validator == nil)
    #expect(head(#"ETag: "a""#, "HTTP/1.1 200 OK").validator == nil)
  }
}
