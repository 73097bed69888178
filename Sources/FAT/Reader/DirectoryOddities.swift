/// What is in a directory and belongs to no file: nothing is lost by passing it over, but people may want to know.
struct DirectoryOddities {
  /// Entries of long names without the short entry that they were made for.
  var orphans = 0
  /// Entries without any name.
  var nameless = 0
  /// `.` and `..` elsewhere than in the first two places.
  var dots = 0
  /// Entries after the mark of the end, which Linux, other than the specification, shows.
  var behindEnd = 0

  /// In words, one a kind; none if there are none.
  var descriptions: [String] {
    [
      (orphans, "parts of long names that belong to no file"), (nameless, "entries without a name"),
      (dots, "entries . and .. out of place"), (behindEnd, "entries after the end mark"),
    ].compactMap { count, what in count == 0 ? nil : "\(what) are ignored: \(count)" }
  }
}
