import CZstd
import Storage

/// Compresses chunks, each as one zstd frame that btrfs can read.
///
/// btrfs does not look at compressed data when it takes them: a frame whose window is larger than 128 KiB reads as an
/// I/O error for ever after. So the window is set, and the whole chunk given at once, which keeps it from growing.
@safe final class ZstdCompressor {
  private let context: OpaquePointer?
  /// Begins with the last frame.
  private(set) var output: [UInt8]

  /// The level that btrfs mounts with by default.
  private static let level: Int32 = 3
  /// ZSTD_BTRFS_MAX_WINDOWLOG of fs/btrfs/zstd.c.
  private static let windowLog: Int32 = 17

  /// A compressor for chunks of at most `largest` bytes.
  init(largest: Int) {
    unsafe context = ZSTD_createCCtx()
    output = [UInt8](repeating: 0, count: ZSTD_compressBound(largest))
    unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, ZstdCompressor.level)
    unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, ZstdCompressor.windowLog)
  }

  deinit { unsafe ZSTD_freeCCtx(context) }

  /// Compresses the first `count` bytes of `data`.
  ///
  /// - Returns: the size of the frame, with which `output` begins.
  func compress(_ data: [UInt8], count: Int) throws(IOError) -> Int {
    let size = unsafe output.withUnsafeMutableBytes { target in
      unsafe data.withUnsafeBytes { source in
        unsafe ZSTD_compress2(context, target.baseAddress, target.count, source.baseAddress, count)
      }
    }
    guard ZSTD_isError(size) == 0 else {
      let message = unsafe String(cString: ZSTD_getErrorName(size))
      throw IOError(path: "data", operation: "compress", cause: .message(message))
    }
    return size
  }
}
