import Bytes
import Storage

/// The way from a file to the image in it: the layers that are taken off, from the outermost on.
struct Unwrapping {
  private(set) var layers: [Layer] = []
  /// Where the blocks of the file are, if it is .xz and nothing else.
  private(set) var index: XZIndex?

  /// Finds the layers of the file of `input`, by a glance into each.
  ///
  /// - Parameter outer: what the file is, which its first bytes alone may not tell.
  /// - Throws: `UnpackError`, also if an index or directory shows already that the file is damaged, holds no single image, or one of
  ///   more than `limit` bytes; and if there are more layers than one within another.
  init(of input: Input, outer: Signature?, limit: Int) throws(UnpackError) {
    while true {
      let stream = try Self.stream(layers, from: input, isGlance: true).innermost(or: input)
      let found = try layers.isEmpty ? outer : Self.signature(of: stream)
      guard let signature = found, signature != .sparseImage else { break }
      if layers.isEmpty && signature == .compression(.xz) { index = try XZIndex(input) } else { index = nil }
      layers.append(try layer(signature, in: stream, of: input, blocks: index?.blockCount))
    }
    var size = index?.size
    if case .archive(let member)? = layers.last { size = member.size }
    if let size, size > limit { throw input.unsupported("a disk of \(size) bytes, which is more than \(limit)") }
  }

  /// The way out of `compression`, which the file of `input` bears the mark of, into whatever that holds.
  init(_ compression: Compression, of input: Input) throws(UnpackError) {
    if compression == .xz { index = try XZIndex(input) }
    layers = [.compression(compression, blocks: index?.blockCount)]
  }

  /// The first bytes within all layers of the file of `input`, as many as tell a format.
  func start(of input: Input) throws(UnpackError) -> [UInt8] {
    let stream = try Self.stream(layers, from: input, isGlance: true).innermost(or: input)
    // The bytes stay no longer than the stream.
    return try withExtendedLifetime(stream) { () throws(UnpackError) in
      try unsafe Array(stream.next().prefix(Signature.length))
    }
  }

  /// The decoding of the image in the file of `input`.
  func decoding(_ input: Input) throws(UnpackError) -> LayeredDecoding {
    let last = layers.count - 1
    let outer = try Self.stream(Array(layers[..<last]), from: input, isGlance: false)
    let decoder = try Self.decoder(layers[last], of: outer.innermost(or: input), isGlance: false)
    return LayeredDecoding(decoder: decoder, outer: outer)
  }

  private func layer(
    _ signature: Signature, in stream: any ChunkStream, of input: Input, blocks: Int?
  ) throws(UnpackError) -> Layer {
    let outer = layers.reversed().map(\.formatName).joined(separator: " inside ")
    let refusal = stream.unsupported(
      outer.isEmpty ? "\(signature.name) as a container" : "\(signature.name) inside \(outer)")
    switch signature {
    case .compression(let compression):
      // One before an archive, as in .tar.gz, and one of the image itself; or two.
      let isWithin = layers.last?.isArchive ?? false
      guard isWithin || layers.count < 2 && !layers.contains(where: \.isArchive) else { throw refusal }
      return .compression(compression, blocks: blocks)
    case .archive(let format):
      // The directory of a zip archive is at its end: of a file only, not of a stream.
      guard layers.isEmpty || layers.count == 1 && !layers[0].isArchive && format != .zip else { throw refusal }
      let whole = try Self.stream(layers, from: input, isGlance: false).innermost(or: input)
      return .archive(try ArchiveMember(format, in: whole))
    case .sparseImage, .foreign: throw refusal
    }
  }

  /// What is left of the file of `input` when `layers` are taken off, one after another: none if there are none.
  private static func stream(
    _ layers: [Layer], from input: Input, isGlance: Bool
  ) throws(UnpackError) -> [DecodedStream] {
    input.seek(to: 0)
    var streams: [DecodedStream] = []
    for layer in layers {
      let stream = streams.innermost(or: input)
      let decoder = try decoder(layer, of: stream, isGlance: isGlance)
      var name = stream.name
      if case .archive(let member) = layer { name += ": \(member.name.printable)" }
      streams.append(
        isGlance
          ? DecodedStream(decoder, name: name, chunkSize: Signature.length)
          : DecodedStream(decoder, name: name))
    }
    return streams
  }

  private static func decoder(
    _ layer: Layer, of stream: any ChunkStream, isGlance: Bool
  ) throws(UnpackError) -> any Decoder {
    switch layer {
    case .compression(let compression, _): try compression.decoder(stream, isGlance: isGlance)
    case .archive(let member): try member.decoder(stream)
    }
  }

  private static func signature(of stream: any ChunkStream) throws(UnpackError) -> Signature? {
    let chunk = try unsafe stream.next()
    return unsafe Signature(of: chunk.span.extracting(first: Signature.length))
  }
}

extension Layer {
  fileprivate var formatName: String {
    switch self {
    case .compression(let compression, _): compression.rawValue
    case .archive(let member): member.format.rawValue
    }
  }
}

extension [DecodedStream] {
  /// The last of the streams; the file itself if there is none.
  fileprivate func innermost(or file: Input) -> any ChunkStream { if let last { last } else { file } }
}

/// The decoder of an image, with the streams of the layers around it that it reads from.
struct LayeredDecoding {
  let decoder: any Decoder
  /// From the outermost layer on.
  let outer: [DecodedStream]

  /// Reads what the image's decoder has left of the layers around it: their checksums stand at their ends.
  ///
  /// - Returns: what follows one of the streams and is part of none.
  func finish() throws(UnpackError) -> TrailingBytes? {
    for stream in outer.reversed() { while try unsafe !stream.next().isEmpty {} }
    return decoder.trailing ?? outer.reversed().lazy.compactMap(\.trailing).first
  }
}
