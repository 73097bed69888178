/// Turns the compressed bytes of an input into the bytes of an image, first to last.
protocol Decoder: AnyObject {
  /// Fills `buffer` with the next decoded bytes.
  ///
  /// - Returns: the number of bytes; less than asked for only at the end of the image.
  func read(into buffer: inout MutableSpan<UInt8>) throws(UnpackError) -> Int
}
