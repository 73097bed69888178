import FileTree

extension AccessControlList {
  /// Parses the form of the disk.
  ///
  /// - Throws: `Ext4Error.corrupt` with `inode`, whose ACL it is.
  init(disk value: [UInt8], of inode: UInt32) throws(Ext4Error) {
    do throws(Problem) {
      try self.init(ext4: value)
    } catch {
      let what =
        switch error {
        case .version: "an ACL of another version than 1"
        case .cutShort: "an ACL cut short"
        case .tag(let tag): "an ACL with tag \(tag)"
        }
      throw .corrupt(what, at: .inode(inode))
    }
  }
}
