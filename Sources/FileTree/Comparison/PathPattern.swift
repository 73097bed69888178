/// A path with wildcards: `*` for any bytes of a name, `?` for one character, `[a-z]` and `[!a-z]` for one of a set,
/// and `**` for any number of folders. A backslash takes its meaning from what follows.
///
/// Unlike a shell's, `*` also stands for names that begin with a dot.
struct PathPattern {
  /// What one part of the path can be.
  enum Part: Equatable {
    case name(Name)
    case glob([UInt8])
    case anyDepth
  }

  let parts: [Part]

  /// nil if a part without wildcards cannot be a name, `..` among them.
  init?(bytes: some Collection<UInt8>) {
    var parts: [Part] = []
    for text in bytes.split(separator: 0x2F) where !text.elementsEqual([0x2E]) {
      if text.elementsEqual([0x2A, 0x2A]) {
        // Two in a row mean what one means.
        if parts.last != .anyDepth { parts.append(.anyDepth) }
      } else if text.contains(where: { [0x2A, 0x3F, 0x5B, 0x5C].contains($0) }) {
        parts.append(.glob(Array(text)))
      } else {
        guard let name = Name(text) else { return nil }
        parts.append(.name(name))
      }
    }
    self.parts = parts
  }
}

/// One place that a pattern stands for.
package struct PathMatch: Sendable {
  /// The path as it was asked for: links on the way stand in it by their own names.
  package let path: TreePath
  package let id: InodeID

  package init(path: TreePath, id: InodeID) {
    self.path = path
    self.id = id
  }
}

extension FileTree {
  /// The places that `text` stands for, sorted by their paths. Links on the way are followed inside the tree, the last
  /// name's own is not.
  ///
  /// A path that is there as it is spelled stands for itself, whatever characters are in it, and so does one that is
  /// spelled as pibake prints it, with %XX; wildcards come after these.
  package func matches(_ text: [UInt8]) -> [PathMatch] {
    for spelling in [text, text.unescaped].compactMap(\.self) {
      guard let path = TreePath(bytes: spelling), let id = find(path, followingLast: false) else { continue }
      return [PathMatch(path: path, id: id)]
    }
    guard let pattern = PathPattern(bytes: text) else { return [] }
    var found = [PathMatch(path: TreePath(), id: root)]
    for (index, part) in pattern.parts.enumerated() {
      let isLast = index == pattern.parts.count - 1
      found = found.flatMap { step(part, from: $0, isLast: isLast) }
      // A name that several ways lead to counts once: patterns cannot multiply.
      found.sort { $0.path.bytes.lexicographicallyPrecedes($1.path.bytes) }
      found = found.enumerated().filter { $0.offset == 0 || found[$0.offset - 1].path != $0.element.path }.map(
        \.element)
    }
    return found
  }

  private func step(_ part: PathPattern.Part, from place: PathMatch, isLast: Bool) -> [PathMatch] {
    guard let folder = folder(at: place), let directory = directory(folder) else { return [] }
    switch part {
    case .name(let name):
      return directory[name].map { [PathMatch(path: place.path.appending(name), id: $0)] } ?? []
    case .glob(let pattern):
      return directory.indices.filter { matches(pattern, directory.name(at: $0)) }.map {
        PathMatch(path: place.path.appending(directory[$0].name), id: directory.id(at: $0))
      }
    case .anyDepth: return descendants(of: place, includingFiles: isLast)
    }
  }

  /// The directory at a place, or where the link at the place leads.
  private func folder(at place: PathMatch) -> InodeID? {
    guard case .symlink? = self[place.id]?.body else { return place.id }
    return find(place.path)
  }

  /// The place itself and all folders beneath it; with everything else in them where asked for, and without the place.
  private func descendants(of place: PathMatch, includingFiles: Bool) -> [PathMatch] {
    var found = includingFiles ? [] : [place]
    var folders = [place]
    while let folder = folders.popLast() {
      for (name, id) in self.folder(at: folder).flatMap({ directory($0) }) ?? Directory() {
        let child = PathMatch(path: folder.path.appending(name), id: id)
        let isFolder = directory(id) != nil
        if isFolder { folders.append(child) }
        if isFolder || includingFiles { found.append(child) }
      }
    }
    return found
  }

  private func matches(_ pattern: [UInt8], _ name: ArraySlice<UInt8>) -> Bool { glob(pattern[...], name) }
}

/// Whether `name` is of `pattern`; where a `*` must be stretched, only the last one is: time is pattern times name.
private func glob(_ pattern: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>) -> Bool {
  var rest = pattern
  var text = name
  var retry: (pattern: ArraySlice<UInt8>, text: ArraySlice<UInt8>)?
  while true {
    if rest.first == 0x2A {
      rest = rest.dropFirst()
      retry = (rest, text)
    } else if rest.isEmpty && text.isEmpty {
      return true
    } else if let (after, remaining) = step(rest, text) {
      (rest, text) = (after, remaining)
    } else if let last = retry, !last.text.isEmpty {
      retry = (last.pattern, last.text.dropFirst())
      (rest, text) = (last.pattern, last.text.dropFirst())
    } else {
      return false
    }
  }
}

/// What is left of pattern and name after one part of `pattern`, which is not `*`, has taken what it stands for; nil if it does not.
private func step(
  _ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>
) -> (ArraySlice<UInt8>, ArraySlice<UInt8>)? {
  guard let mark = pattern.first, let byte = text.first else { return nil }
  switch mark {
  case 0x3F:
    // A character of UTF-8 where there is one, else a byte.
    let tail = text.dropFirst().prefix(3).prefix { $0 & 0xC0 == 0x80 }
    let isWhole = String(validating: text.prefix(1 + tail.count), as: UTF8.self) != nil
    return (pattern.dropFirst(), text.dropFirst(isWhole ? 1 + tail.count : 1))
  case 0x5B:
    // A bracket that is never closed stands for itself.
    let set = set(pattern.dropFirst(), byte) ?? (mark == byte, pattern.dropFirst())
    return set.isMember ? (set.after, text.dropFirst()) : nil
  case 0x5C where pattern.count > 1:
    return pattern.dropFirst().first == byte ? (pattern.dropFirst(2), text.dropFirst()) : nil
  default:
    return mark == byte ? (pattern.dropFirst(), text.dropFirst()) : nil
  }
}

/// Whether the set that `pattern` begins with, after its bracket, has `byte`, and what follows it; nil if it does not end.
private func set(_ pattern: ArraySlice<UInt8>, _ byte: UInt8) -> (isMember: Bool, after: ArraySlice<UInt8>)? {
  var rest = pattern
  let isNegated = rest.first == 0x21 || rest.first == 0x5E
  if isNegated { rest = rest.dropFirst() }
  var isMember = false
  var isFirst = true
  while let low = rest.popFirst() {
    if low == 0x5D && !isFirst { return (isMember != isNegated, rest) }
    isFirst = false
    var high = low
    if rest.first == 0x2D, let end = rest.dropFirst().first, end != 0x5D {
      high = end
      rest = rest.dropFirst(2)
    }
    if low <= byte && byte <= high { isMember = true }
  }
  return nil
}
