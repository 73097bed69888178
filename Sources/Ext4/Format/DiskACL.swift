import FileTree

extension AccessControlList {
  /// Parses the form of the disk.
  ///
  /// - Throws: `Ext4Error.corrupt` with `inode`, whose ACL it is.
  init(disk value: [UInt8], of inode: UInt32) throws(Ext4Error) {
    do throws(Problem) {
      try self.init(ext4: value)
    } catch {
      throw .corrupt(.accessControlList(error), at: .inode(inode))
    }
  }
}
