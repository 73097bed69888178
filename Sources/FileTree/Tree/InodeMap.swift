/// A value for each inode of a tree.
///
/// The highest number says nothing about how many inodes there are: on an ext4 of 1 TiB it is 67 million for the first
/// hundred files. So the values lie in pages, and a page takes memory once one of its values was set.
///
/// `@usableFromInline`, so that other modules compile the subscript for their values: without it, Swift calls a generic one.
@usableFromInline package struct InodeMap<Value: Sendable>: Sendable {
  /// The value of every inode for which none was set.
  @usableFromInline let absent: Value
  /// Pages of `pageSize` values, by number; one in which no value was set is empty.
  @usableFromInline var pages: [[Value]] = []

  @usableFromInline static var pageSize: Int { 256 }

  /// A map in which every inode has the value `absent`.
  @inlinable package init(absent: Value) { self.absent = absent }

  /// The value of the inode `id`.
  @inlinable package subscript(id: InodeID) -> Value {
    get {
      let (page, slot) = Int(id.number).quotientAndRemainder(dividingBy: Self.pageSize)
      return page < pages.count && !pages[page].isEmpty ? pages[page][slot] : absent
    }
    _modify {
      let (page, slot) = Int(id.number).quotientAndRemainder(dividingBy: Self.pageSize)
      if page >= pages.count { pages.append(contentsOf: repeatElement([], count: page + 1 - pages.count)) }
      if pages[page].isEmpty { pages[page] = Array(repeating: absent, count: Self.pageSize) }
      yield &pages[page][slot]
    }
  }

  /// Calls `visit` with each inode of the pages that take memory, ascending by number.
  @inlinable package func forEach(_ visit: (InodeID, Value) -> Void) {
    for (page, values) in pages.enumerated() {
      for slot in values.indices { visit(InodeID(UInt32(page * Self.pageSize + slot)), values[slot]) }
    }
  }
}
