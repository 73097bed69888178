/// Turns the compressed bytes of an input into the bytes of an image, first to last.
protocol Decoder: AnyObject {
  /// Fills `buffer` with the next decoded bytes.
  ///
  /// - Returns: the number of bytes; less than asked for only at the end of the image.
  func read(into buffer: inout MutableSpan<UInt8>) throws(UnpackError) -> Int

  /// What follows the complete stream and is part of none, once the end of the image has been read; nil if there is nothing.
  var trailing: TrailingBytes? { get }
}

extension Decoder {
  var trailing: TrailingBytes? { nil }
}
