import Bytes
import FileTree
import RaspberryPiOS
import Recipe
import Storage
import SystemPackage
import Unpack

/// Bakes nodes: opens the stock image once, and makes of it what each node boots from.
package struct Baker: Sendable {
  private let options: BakeOptions
  private let progress: Progress
  private let report: @Sendable (BakeEvent) -> Void

  /// A baker.
  ///
  /// - Parameters:
  ///   - progress: advanced as bytes are read and written; cancelled when the operator wants no more.
  ///   - report: told of every step, from any thread, one at a time or several.
  package init(options: BakeOptions, progress: Progress, report: @escaping @Sendable (BakeEvent) -> Void) {
    self.options = options
    self.progress = progress
    self.report = report
  }

  /// Bakes all of `recipes`, those of one image side by side.
  ///
  /// - Returns: the folders that were written, in the order of the recipes.
  /// - Throws: a `Failure`; nodes that were done before stay.
  package func bake(_ recipes: [NodeRecipe]) throws -> [FilePath] {
    do {
      var folders = [FilePath?](repeating: nil, count: recipes.count)
      let old = try options.since.map { try open(ImageSettings(location: .path($0))) }
      for group in try groups(recipes) {
        let stock = try open(group.image)
        let subvolumes = try SubvolumeStore(stock, since: old, progress: progress, report: report)
        let results = ResultTable<FilePath>(count: group.members.count)
        try parallel(group.members.count) { index in
          let recipe = recipes[group.members[index]]
          let bake = NodeBake(
            recipe, stock: stock, subvolumes: subvolumes, options: options, progress: progress, report: report)
          do {
            results.set(try bake.run(), at: index)
          } catch let failure as any Failure {
            throw BakeError.node("\(recipe.name)", failure)
          }
        }
        for (index, member) in group.members.enumerated() { folders[member] = results.values[index] }
      }
      return folders.compactMap(\.self)
    } catch {
      throw progress.isCancelled ? BakeError.interrupted : error
    }
  }

  /// Recipes that share a stock image.
  private struct Group {
    let image: ImageSettings
    var members: [Int]
  }

  private func groups(_ recipes: [NodeRecipe]) throws(BakeError) -> [Group] {
    var groups: [Group] = []
    for (index, recipe) in recipes.enumerated() {
      var image = recipe.image
      if let path = options.image {
        // Digests of the recipe's image say nothing about another.
        image.location = .path(path)
        image.sha256 = nil
        image.extractSHA256 = nil
      }
      guard image.location != nil else { throw .noImage(node: "\(recipe.name)") }
      if let known = groups.firstIndex(where: { $0.image == image }) {
        groups[known].members.append(index)
      } else {
        groups.append(Group(image: image, members: [index]))
      }
    }
    return groups
  }

  private func open(_ image: ImageSettings) throws -> BaseSystem {
    let clock = ContinuousClock()
    let start = clock.now
    let path = try fetch(image)
    let subject = path.lastComponent?.string ?? path.string
    report(.began(subject: subject, work: "unpacking"))
    let progress = self.progress
    let before = progress.bytes
    let unpacked: UnpackedImage
    do throws(UnpackError) {
      unpacked = try ImageCache(folder: options.cache).open(
        path, expecting: image.sha256.flatMap { SHA256Digest(hex: $0) },
        image: image.extractSHA256.flatMap { SHA256Digest(hex: $0) }, digest: .required, progress: progress,
        cancelled: { progress.isCancelled })
    } catch {
      if case .mismatch = error, case .url? = image.location { try forget(path) }
      throw error
    }
    let how = unpacked.wasCached ? "from the cache" : progress.bytes > before ? "read" : "known"
    report(
      .done(
        subject: subject, result: "\(unpacked.container), \(ByteCount(unpacked.source.size)), \(how)",
        time: clock.now - start))
    return try base(StockDisk(unpacked, name: path.string), image)
  }

  private func base(_ stock: StockDisk, _ image: ImageSettings) throws -> BaseSystem {
    let clock = ContinuousClock()
    let start = clock.now
    report(.began(subject: "base", work: "reading"))
    let base = try BaseSystem(stock, boot: image.bootPartition, root: image.rootPartition)
    report(.done(subject: "base", result: base.summary, time: clock.now - start))
    return base
  }

  /// The file of this machine that is the image: where it is, or where it was downloaded to.
  private func fetch(_ image: ImageSettings) throws -> FilePath {
    switch image.location {
    case .path(let path)?: return path
    case .url(let url)?:
      let folder = options.cache.appending("downloads")
      try makeFolders(folder)
      // Named by what it must be, so that two recipes of one image share it, and a new image is a new file.
      let name = image.sha256 ?? UUID(name: url, in: .pibake).description
      let target = folder.appending("\(name)-\(url.split(separator: "/").last ?? "image")")
      report(.began(subject: url, work: "downloading"))
      let clock = ContinuousClock()
      let start = clock.now
      let progress = self.progress
      let isNew = try Download(url: url, target: target).run(progress: progress) { progress.isCancelled }
      if isNew { report(.done(subject: url, result: "downloaded", time: clock.now - start)) }
      return target
    case nil: throw BakeError.noImage(node: "image")
    }
  }

  /// A download that is not what the recipe says is of no use to the next run.
  private func forget(_ path: FilePath) throws {
    report(.warning("\(path): removed, so that the next run downloads it again"))
    try removeFile(path)
  }
}
