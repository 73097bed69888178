import Bytes

extension Placement {
  /// The placement of `nodes` in the size that `options` ask for, and that size in bytes.
  ///
  /// - Throws: `Ext4Error.layout` for a size that is too small or too large.
  static func fitting(_ nodes: [Node], options: Ext4Options) throws(Ext4Error) -> (Placement, size: Int) {
    switch options.size {
    case .bytes(let size):
      return (try exact(nodes, size: size, options: options), size)
    case .minimum(let free):
      let spare = max(free, 0).dividedRoundingUp(by: GroupGeometry.blockSize)
      let placement = try smallest(of: nodes, from: 1, spare: spare, options: options)
      return (placement, placement.geometry.blockCount * GroupGeometry.blockSize)
    case .roomy(let percent, let bytes, let multiple):
      let least = try smallest(of: nodes, from: 1, spare: 0, options: options)
      let content = least.geometry.blockCount * GroupGeometry.blockSize
      let size = (content + content / 100 * percent + bytes).rounded(upTo: multiple)
      return (try exact(nodes, size: size, options: options), size)
    }
  }

  private static func exact(_ nodes: [Node], size: Int, options: Ext4Options) throws(Ext4Error) -> Placement {
    let blocks = max(size, 0) / GroupGeometry.blockSize
    guard blocks <= GroupGeometry.mostBlocks else { throw .layout(.tooLarge) }
    do {
      return try Placement(nodes, blocks: blocks, spare: 0, options: options)
    } catch {
      // Searched from here on, for a larger file system also has a larger journal and larger tables.
      let fit = try smallest(of: nodes, from: blocks + error.blocks, spare: 0, options: options)
      throw .layout(.tooSmall(size: size, needed: fit.geometry.blockCount * GroupGeometry.blockSize))
    }
  }

  /// The first placement that succeeds from `blocks` blocks on, each attempt as much larger as the one before lacked.
  static func smallest(
    of nodes: [Node], from blocks: Int, spare: Int, options: Ext4Options
  ) throws(Ext4Error) -> Placement {
    let content = Placement.content(of: nodes)
    var blocks = blocks
    while blocks <= GroupGeometry.mostBlocks {
      do {
        return try Placement(nodes, content: content, blocks: blocks, spare: spare, options: options)
      } catch {
        blocks += error.blocks
      }
    }
    throw .layout(.tooLarge)
  }
}
