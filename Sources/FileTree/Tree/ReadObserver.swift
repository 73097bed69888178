/// Learns which parts of a tree were looked up that was read in part: its reader then reads them, and the lookup is made again.
///
/// Only directories of such a tree have an observer. Lookups may come from several threads.
package protocol ReadObserver: AnyObject, Sendable {
  /// The entries of the directory `id`, which were not read, were counted or searched.
  func lookedUp(entriesOf id: InodeID)

  /// An entry that leads to the inode `id` was found. The inode may have been read.
  func lookedUp(inode id: InodeID)
}
