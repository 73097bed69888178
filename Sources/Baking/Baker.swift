import BaseImage
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

  /// A baker with the options of the command line.
  ///
  /// - Parameters:
  ///   - progress: advanced as bytes are read and written; cancelled when the operator wants no more.
  ///   - report: called for every step, from any thread, also at the same time.
  package init(options: BakeOptions, progress: Progress, report: @escaping @Sendable (BakeEvent) -> Void) {
    self.options = options
    self.progress = progress
    self.report = report
  }

  /// Bakes all of `recipes`, those of one image side by side; a node that fails does not keep others from being baked.
  ///
  /// - Returns: what came of each, in the order of the recipes.
  /// - Throws: a `Failure` that is about no node, `Interrupted` above all; nodes that were done before stay.
  package func bake(_ recipes: [NodeRecipe]) throws -> [BakeResult] {
    let formats = recipes.map { options.format ?? BakeOptions.Format($0.output) }
    if options.since != nil, !formats.contains(where: { $0 == .btrfs || $0 == .btrfsStream }) {
      throw BakeError.sinceWithoutSubvolumes
    }
    let fleet = try Fleet(chunks: cache.making("chunks"), warn: warn)
    let results = ResultTable<BakeResult>(count: recipes.count)
    let warnings = NodeWarnings(count: recipes.count)
    // Also when the run is stopped: the nodes that are done stay.
    defer { for line in warnings.lines(recipes.map { "\($0.name)" }) { report(.warning(line)) } }
    let places = findPlaces(recipes, results)
    let old = try options.since.map { try open(ImageSettings(location: .path($0))) }
    for group in try groups(recipes) {
      // A node that cannot be written is no reason to unpack an image.
      let members = group.members.compactMap { member in places[member].map { (recipes[member], $0, member) } }
      if members.isEmpty { continue }
      do {
        let stock = try open(group.image)
        let subvolumes = try SubvolumeStore(
          stock, since: old, cache: options.cache, progress: progress, report: report)
        try bake(members, of: stock, fleet, subvolumes, warnings, into: results)
        if stock.stock.image.showsChanges, (try? stock.stock.image.checkUnchanged()) != nil { stock.digests.save() }
      } catch let failure as any Failure {
        try progress.check()
        for (_, _, member) in members {
          results.set(
            BakeResult(node: "\(recipes[member].name)", outcome: .failed(failure), time: .zero), at: member)
        }
      }
    }
    try CacheContents(folder: options.cache).trimChunks(to: options.chunkLimit)
    return results.values.compactMap(\.self)
  }

  /// Bakes nodes of one base side by side, each with its place in `results`.
  private func bake(
    _ members: [(recipe: NodeRecipe, place: HeldFolder, index: Int)], of stock: BaseSystem, _ fleet: Fleet,
    _ subvolumes: SubvolumeStore, _ warnings: NodeWarnings, into results: ResultTable<BakeResult>
  ) throws(Interrupted) {
    let publishing = NodePublishing(of: stock, into: results, report: report)
    try parallel(members.count, threads: options.jobs) { (index) throws(Interrupted) in
      let (recipe, place, position) = members[index]
      let start = ContinuousClock.now
      do {
        let bake = NodeBake(
          recipe, stock: stock, fleet: fleet, subvolumes: subvolumes, options: options, place: place,
          progress: progress, warn: { warnings.set($0, at: position) }, report: report)
        publishing.add(try bake.run(index: position))
      } catch {
        try progress.check()
        let failure = error as? any Failure ?? IOError(path: "output", operation: "bake", cause: .message("\(error)"))
        let outcome = BakeResult.Outcome.failed(BakeError.node("\(recipe.name)", failure))
        results.set(
          BakeResult(node: "\(recipe.name)", outcome: outcome, time: ContinuousClock.now - start), at: position)
      }
    }
  }

  /// The folders that receive the nodes' folders; nil for nodes that failed because nothing can appear there.
  private func findPlaces(_ recipes: [NodeRecipe], _ results: ResultTable<BakeResult>) -> [HeldFolder?] {
    var places = OutputPlaces(options)
    return recipes.enumerated().map { index, recipe in
      do throws(IOError) {
        return try places.place(of: recipe)
      } catch {
        let failure = BakeError.node("\(recipe.name)", error)
        results.set(BakeResult(node: "\(recipe.name)", outcome: .failed(failure), time: .zero), at: index)
        return nil
      }
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

  private var cache: CacheDirectory { CacheDirectory(options.cache) }

  /// Reports warnings of spoiled cache entries.
  private var warn: @Sendable (String) -> Void { { [report] text in report(.warning(text)) } }

  private func open(_ image: ImageSettings) throws -> BaseSystem {
    let clock = ContinuousClock()
    let start = clock.now
    let path = try fetch(image)
    let subject = path.lastComponent?.string ?? path.string
    report(.began(subject: subject, work: "unpacking"))
    let progress = self.progress
    let before = progress.bytes
    let unpacked = try ImageCache(folder: options.cache, warn: warn).open(
      path, expecting: image.sha256.flatMap { SHA256Digest(hex: $0) },
      image: image.extractSHA256.flatMap { SHA256Digest(hex: $0) }, digest: .required, progress: progress,
      cancelled: { progress.isCancelled })
    let how = unpacked.wasCached ? "from the cache" : progress.bytes > before ? "read" : "known"
    report(
      .done(
        subject: subject, result: "\(unpacked.container), \(ByteCount(unpacked.source.size)), \(how)",
        time: clock.now - start))
    let warnings = ImageWarnings()
    // Before the nodes, and before the error that may come of it.
    defer { for text in warnings.texts { report(.warning("\(path.string): \(text)")) } }
    for text in unpacked.warnings { warnings.add(text) }
    return try base(StockDisk(unpacked, name: path.string, policy: warnings.policy), image, warnings)
  }

  private func base(_ stock: StockDisk, _ image: ImageSettings, _ warnings: ImageWarnings) throws -> BaseSystem {
    let clock = ContinuousClock()
    let start = clock.now
    report(.began(subject: "base", work: "reading"))
    let base = try BaseSystem(
      stock, boot: image.bootPartition, root: image.rootPartition, digests: try cache.making("digests"),
      warnings: warnings, warn: warn)
    report(.done(subject: "base", result: base.summary, time: clock.now - start))
    return base
  }

  /// The file of this machine that is the image: where it is, or where it was downloaded to.
  private func fetch(_ image: ImageSettings) throws -> FilePath {
    switch image.location {
    case .path(let path)?: return path
    case .url(let url)?:
      report(.began(subject: url.bareURL, work: "downloading"))
      let clock = ContinuousClock()
      let start = clock.now
      let progress = self.progress
      var listener = Download.Listener()
      listener.note = { [report] in report(.note($0)) }
      listener.warn = warn
      listener.progress = progress
      listener.isCancelled = { progress.isCancelled }
      let download = try Download(
        url, sha256: image.sha256.flatMap { SHA256Digest(hex: $0) }, cache: options.cache, listener: listener)
      let outcome = try download.run()
      if outcome.isNew { report(.done(subject: url.bareURL, result: "downloaded", time: clock.now - start)) }
      return outcome.path
    case nil: throw BakeError.noImage(node: "image")
    }
  }
}
