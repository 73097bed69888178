import CLZMA

extension lzma_ret {
  /// What this status, which is no success, means for `stream`, or for the part of it that is called `container`.
  func failure(of stream: any ChunkStream, at position: Int, _ container: String = "xz") -> UnpackError {
    switch self {
    case LZMA_MEM_ERROR: stream.unsupported("an xz dictionary that this machine's memory does not hold")
    case LZMA_MEMLIMIT_ERROR: stream.unsupported("an xz dictionary or index beyond \(XZDecoder.memoryLimit >> 20) MiB")
    case LZMA_OPTIONS_ERROR: stream.unsupported("an xz filter or option that liblzma \(version) does not know")
    case LZMA_UNSUPPORTED_CHECK: stream.unsupported("an xz checksum that liblzma \(version) does not know")
    case LZMA_BUF_ERROR: stream.corrupt(container, at: position, "the file ends in the middle of the data")
    case LZMA_FORMAT_ERROR: stream.corrupt(container, at: position, "the stream does not begin or end as it must")
    default: stream.corrupt(container, at: position, "the data contradict their checksum or format")
    }
  }
}

/// The version of liblzma, for messages.
private var version: String { unsafe String(cString: lzma_version_string()) }
