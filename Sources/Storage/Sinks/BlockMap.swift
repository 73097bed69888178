import Bytes

/// A block map (`.bmap`, version 2.0), by which bmaptool copies what an image holds, leaves out its holes, and verifies
/// both itself and every range. Source: bmap-tools' `BmapCreate.py`.
package struct BlockMap {
  private let digests: BlockDigests

  /// The size of the blocks by which ranges are counted; bmaptool's own for most file systems.
  private static let blockSize = 4096

  /// The map of an image whose blocks have these digests; blocks of zeros are not in it.
  package init(_ digests: BlockDigests) { self.digests = digests }

  /// The XML text.
  package var text: [UInt8] {
    // The checksum is that of the text with zeros in its place.
    let draft = text(checksum: String(repeating: "0", count: 64))
    return text(checksum: "\(SHA256.of(draft))")
  }

  private func text(checksum: String) -> [UInt8] {
    let blocks = (digests.size + BlockMap.blockSize - 1) / BlockMap.blockSize
    let ranges = self.ranges
    let mapped = ranges.reduce(0) { $0 + $1.blocks.count }
    let lines = ranges.map { range in
      let (first, last) = (range.blocks.lowerBound, range.blocks.upperBound - 1)
      let place = first == last ? "\(first)" : "\(first)-\(last)"
      return "        <Range chksum=\"\(range.digest)\"> \(place) </Range>\n"
    }
    return Array(
      """
      <?xml version="1.0" ?>
      <bmap version="2.0">
          <ImageSize> \(digests.size) </ImageSize>
          <BlockSize> \(BlockMap.blockSize) </BlockSize>
          <BlocksCount> \(blocks) </BlocksCount>
          <MappedBlocksCount> \(mapped) </MappedBlocksCount>
          <ChecksumType> sha256 </ChecksumType>
          <BmapFileChecksum> \(checksum) </BmapFileChecksum>
          <BlockMap>
      \(lines.joined())    </BlockMap>
      </bmap>

      """.utf8)
  }

  private var ranges: [(blocks: Range<Int>, digest: SHA256Digest)] {
    digests.blocks.enumerated().compactMap { index, digest in
      guard let digest else { return nil }
      let start = index * BlockDigests.blockSize
      let end = min(start + BlockDigests.blockSize, digests.size)
      return (start / BlockMap.blockSize..<(end + BlockMap.blockSize - 1) / BlockMap.blockSize, digest)
    }
  }
}
