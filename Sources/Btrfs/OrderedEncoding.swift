import Dispatch
import FileTree
import Storage
import Synchronization

/// Encodes steps on all processors and writes the results in the steps' order.
///
/// The thread that finishes the next piece in order writes it, and the pieces after it that are done; meanwhile the other
/// threads encode. The number of slots bounds how far they run ahead, so memory does not grow with the stream.
final class OrderedEncoding: Sendable {
  private let state: Mutex<State>
  private let slots: DispatchSemaphore
  private let workers: Int

  fileprivate struct State {
    var source: any OperationSource
    /// What was claimed in one go and is more than a piece.
    var rest: [Operation] = []
    var claimed = 0
    var written = 0
    var isWriting = false
    var ready: [Int: [UInt8]] = [:]
    var free: [[UInt8]] = []
    var failure: BtrfsError?
  }

  /// The data in a piece, roughly: a multiple of what both forms of a stream write at once.
  fileprivate static let pieceSize = 12 * OperationEncoder.encodedSize
  /// The most steps in a piece.
  fileprivate static let pieceSteps = 4096

  init(_ source: any OperationSource) {
    state = Mutex(State(source: source))
    workers = threadCount(eachTaking: 4 * Self.pieceSize, within: 96 << 20)
    slots = DispatchSemaphore(value: workers + 2)
  }

  /// Encodes everything as `form`, and gives it to `write` in order, from one thread at a time.
  func run(
    form: StreamForm, parent: Identity?, write: @Sendable (Span<UInt8>) throws(IOError) -> Void
  ) throws(BtrfsError) {
    onThreads(workers) {
      var encoder = OperationEncoder(form: form, parent: parent)
      while true {
        slots.wait()
        guard let (index, operations) = claim() else {
          slots.signal()
          return
        }
        do throws(BtrfsError) {
          for operation in operations { try encoder.encode(operation) }
        } catch {
          fail(error)
        }
        let empty = state.withLock { $0.free.popLast() ?? [] }
        finish(index, encoder.buffer.exchange(for: empty), write)
      }
    }
    if let failure = state.withLock({ $0.failure }) { throw failure }
  }

  private func fail(_ error: BtrfsError) {
    state.withLock { if $0.failure == nil { $0.failure = error } }
  }

  /// The next piece; nil if there is none, or something failed.
  private func claim() -> (Int, [Operation])? {
    state.withLock { state -> (Int, [Operation])? in
      guard state.failure == nil else { return nil }
      var operations: [Operation] = []
      do throws(BtrfsError) {
        try state.fill(&operations)
      } catch {
        state.failure = error
        return nil
      }
      guard !operations.isEmpty else { return nil }
      state.claimed += 1
      return (state.claimed - 1, operations)
    }
  }

  /// Stores the bytes of a piece, and writes what is next in order unless another thread does so already.
  private func finish(
    _ index: Int, _ bytes: [UInt8], _ write: (Span<UInt8>) throws(IOError) -> Void
  ) {
    let mine = state.withLock { state in
      state.ready[index] = bytes
      defer { state.isWriting = true }
      return !state.isWriting
    }
    guard mine else { return }
    while let next = takeNext() {
      do throws(IOError) {
        try write(next.span)
      } catch {
        fail(.io(error))
      }
      state.withLock { state in
        state.free.append(next)
        state.written += 1
      }
      slots.signal()
    }
  }

  /// The piece to write; nil, and nobody is writing any more, if it is not done.
  private func takeNext() -> [UInt8]? {
    state.withLock { state in
      let next = state.ready.removeValue(forKey: state.written)
      if next == nil { state.isWriting = false }
      return next
    }
  }
}

extension OrderedEncoding.State {
  /// Takes steps up to a piece's size; a long write is cut where both forms of a stream cut it too.
  fileprivate mutating func fill(_ piece: inout [Operation]) throws(BtrfsError) {
    var size = 0
    while size < OrderedEncoding.pieceSize && piece.count < OrderedEncoding.pieceSteps {
      if rest.isEmpty {
        guard try source.next(into: &rest) else { return }
        rest.reverse()
      }
      guard let operation = rest.popLast() else { continue }
      guard case .write(let path, var range) = operation else {
        piece.append(operation)
        continue
      }
      let part = range.split(at: OrderedEncoding.pieceSize)
      piece.append(.write(path, part))
      size += part.count
      if range.count > 0 { rest.append(.write(path, range)) }
    }
  }
}
