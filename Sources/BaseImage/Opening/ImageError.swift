import Bytes

/// Why an image, or what is asked of it, cannot be opened.
package enum ImageError: Failure {
  /// The image has no partition that could be `role`.
  case noPartition(image: String, role: String, found: String)
  /// The image has several partitions that could be `role`.
  case ambiguousPartition(image: String, role: String, found: String)
  /// pibake does not read the file system of the partition.
  case unreadablePartition(image: String, partition: Int, content: String)
  /// The path is not in the partition.
  case noSuchPath(String)
  /// The path is there, but not of the kind that the command wants.
  case notAFile(String)
  /// What a module beneath says of the image, with the image's name before it.
  case image(String, any Failure)

  package var kind: FailureKind {
    switch self {
    case .noSuchPath, .notAFile, .ambiguousPartition: .usage
    case .noPartition, .unreadablePartition: .unsupported
    case .image(_, let failure): failure.kind
    }
  }

  package var description: String {
    switch self {
    case .noPartition(let image, let role, let found): "\(image): no partition \(role); found \(found)"
    case .ambiguousPartition(let image, let role, let found):
      "\(image): several partitions could be \(role): \(found)"
    case .unreadablePartition(let image, let partition, let content):
      "\(image): partition \(partition): \(content) is not read yet"
    case .noSuchPath(let path): "\(path): no such file or folder in the image"
    case .notAFile(let path): "\(path): not a file"
    case .image(let image, let failure): "\(image): \(failure)"
    }
  }

  package var hint: String? {
    switch self {
    case .noPartition: "`pibake inspect` lists the partitions of an image"
    case .ambiguousPartition:
      "say which with --partition NUMBER, or in a recipe with boot_partition and root_partition of [image]"
    case .image(_, let failure): failure.hint
    case .unreadablePartition, .noSuchPath, .notAFile: nil
    }
  }
}
