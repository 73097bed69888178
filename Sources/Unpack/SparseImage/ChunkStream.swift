/// Compressed bytes on their way to a decoder: a file, or what another decoder makes of one.
protocol ChunkStream: AnyObject {
  /// The next bytes, which stay until the next call; none at the end.
  func next() throws(UnpackError) -> UnsafeBufferPointer<UInt8>

  /// How many bytes `next` has given; after a seek, the place in the file where the last of them ended.
  var position: Int { get }

  /// What messages call the bytes: the file's path, with the names in it that lead here.
  var name: String { get }
}

extension ChunkStream {
  /// The error of a `container` that contradicts itself at or before byte `position` of the stream.
  func corrupt(_ container: String, at position: Int, _ reason: String) -> UnpackError {
    .corrupt(path: name, container: container, position: position, reason: reason)
  }

  /// The error of a stream that uses `feature`.
  func unsupported(_ feature: String) -> UnpackError {
    .unsupported(path: name, feature: feature)
  }
}

/// What a decoder makes, for the decoder of the next layer.
@safe final class DecodedStream: ChunkStream {
  private let decoder: any Decoder
  private let buffer: UnsafeMutableBufferPointer<UInt8>
  private(set) var position = 0
  let name: String

  /// What `decoder` makes, `chunkSize` bytes at a time, under the name `name`.
  init(_ decoder: any Decoder, name: String, chunkSize: Int = 256 << 10) {
    self.decoder = decoder
    self.name = name
    unsafe buffer = .zeroed(capacity: chunkSize)
  }

  deinit { unsafe buffer.deallocate() }

  /// What follows the layer's complete stream, once its end has been read.
  var trailing: TrailingBytes? { decoder.trailing }

  func next() throws(UnpackError) -> UnsafeBufferPointer<UInt8> {
    var target = unsafe buffer.mutableSpan
    let count = try decoder.read(into: &target)
    position += count
    return unsafe UnsafeBufferPointer(rebasing: buffer[..<count])
  }
}
