import Glibc
import SystemPackage
import TestSupport
import Testing

private let hasStrace = Tool.arePresent("strace", "bash")
private let isRoot = geteuid() == 0
private let canMount =
  isRoot && Tool.arePresent("mount", "mkfs.ext4", "python3") && access("/dev/loop-control", W_OK) == 0

/// A process that publishes is killed, starved and betrayed at every moment: what others see is whole, and nothing else stays.
///
/// PIBAKE_FUZZ_FACTOR makes the sweeps longer.
@Suite(.serialized) struct PublicationSweepTests {
  private let folder: TemporaryFolder
  private let trial = Fixture.program("PublicationTrial")

  init() throws { folder = try TemporaryFolder() }

  private func bash(_ script: String) async throws -> String {
    let result = try await Tool.run(
      "bash", ["-c", "set -u; cd '\(folder.path)'; trial='\(trial)'; \(Self.library)\n\(script)"])
    try #require(result.status == 0, "\(result.output)")
    return result.standardOutput
  }

  /// `version`, what of the two is to be seen, `fresh` and `settled`, what must be true before and after.
  private static let library = #"""
    # The version of out/n: of each file all lines are the same, and of all files.
    version() {
      find out/n -type f -exec cat {} + | sort -u > seen
      [ "$(wc -l < seen)" = 1 ] || { echo "half: $(head -c 300 seen)"; ls -laR out; exit 9; }
      if [ "$kind" = folder ] && [ "$(find out/n -type f | wc -l)" != 4 ]; then echo "not whole"; ls -laR out; exit 9; fi
      cat seen
    }
    fresh() { rm -rf out; mkdir out; "$trial" $kind out n old || exit 9; }
    settled() {
      "$trial" $kind out n third || { echo "the next run fails"; ls -la out; exit 9; }
      [ "$(version)" = third ] || { echo "the next run is not seen"; exit 9; }
      [ "$(ls -A out)" = n ] || { echo "left: $(ls -A out)"; exit 9; }
    }
    # Runs the trial with something injected at each call that is about out: $1 the calls, $2 what, $3 more for strace.
    sweep() {
      local call first total at seen
      for call in $1; do
        fresh
        # What the loader does before is not ours.
        strace -f -qq -o log -e trace=openat,renameat2,$call ${3:-} "$trial" $kind out n new > /dev/null 2>&1
        total=$(grep -c "$call(" log)
        first=$(awk -v call="$call(" '/openat\(AT_FDCWD, "out"/ { print n + 1; exit } index($0, call) { n++ }' log)
        for ((at = ${first:-1}; at <= total; at += step)); do
          fresh
          strace -f -qq -o /dev/null -e trace=renameat2,$call ${3:-} -e inject=$call:$2:when=$at "$trial" $kind out n new > said 2>&1
          # After an error that the trial was told of, too, it is one or the other.
          seen=$(version) || { echo "$call $2 at $at: $seen"; exit 9; }
          case $seen in old | new) ;; *) echo "$call at $at: $seen"; exit 9 ;; esac
          ( settled ) || { echo "$call $2 at $at"; exit 9; }
          moments=$((moments + 1))
        done
      done
    }
    moments=0
    """#

  private static let calls =
    "openat write fsync syncfs linkat renameat2 unlinkat mkdirat flock fchmod renameat close getdents64 newfstatat ioctl"

  private var step: Int { Fuzzing.rounds(1) > 1 ? 1 : 3 }

  /// As it is here, and as on a file system whose renames take no flags.
  private static let worlds = ["", "-e inject=renameat2:error=EINVAL"]

  @Test(.enabled(if: hasStrace, "strace is not installed"), arguments: ["file", "folder"], worlds)
  func `killed at any system call, it leaves the old or the new`(_ kind: String, _ world: String) async throws {
    let calls = world.hasPrefix("-e") ? Self.calls.replacing("renameat2 ", with: "") : Self.calls
    let said = try await bash(
      """
      kind=\(kind); step=\(world.isEmpty ? step : step * 2)
      sweep "\(calls)" signal=KILL "\(world)"
      echo "$moments moments"
      """)
    print("\(kind) \(world): killed at \(said.filter { $0 != "\n" })")
    #expect(Int(said.split(separator: " ").first ?? "") ?? 0 > 5, "\(said)")
  }

  @Test(.enabled(if: hasStrace, "strace is not installed"), arguments: ["file", "folder"], ["EIO", "ENOSPC"])
  func `an error at any system call leaves the old or the new`(_ kind: String, _ error: String) async throws {
    let said = try await bash(
      """
      kind=\(kind); step=\(step)
      sweep "openat write fsync syncfs linkat renameat2 mkdirat fchmod" error=\(error)
      echo "$moments moments"
      """)
    print("\(kind): \(error) at \(said.filter { $0 != "\n" })")
    #expect(Int(said.split(separator: " ").first ?? "") ?? 0 > 3, "\(said)")
  }

  @Test(.enabled(if: isRoot, "mounting takes root"), arguments: ["file", "folder"])
  func `a full disk leaves the old`(_ kind: String) async throws {
    let said = try await bash(
      """
      kind=\(kind); mkdir disk
      for size in 40 44 48 56 64 80 100 120; do
        mount -t tmpfs -o size=${size}k none disk || exit 77
        rm -rf out; ln -sfn disk out
        "$trial" $kind out n old > /dev/null 2>&1 && {
          "$trial" $kind out n new > said 2>&1 && [ "$(version)" = new ] || {
            [ "$(version)" = old ] || exit 9; moments=$((moments + 1)); }
          [ "$(ls -A disk)" = n ] || { echo "left: $(ls -A disk)"; exit 9; }
        }
        umount disk; rm out
      done
      echo "$moments moments"
      """)
    print("\(kind): full at \(said.filter { $0 != "\n" })")
    #expect(Int(said.split(separator: " ").first ?? "") ?? 0 > 0, "\(said)")
  }

  /// ext4 is told to stop at once and to lose what is not on the disk (EXT4_IOC_SHUTDOWN without a log flush), as xfstests cuts the
  /// power; then it is mounted again.
  @Test(.enabled(if: canMount, "a file system by loop takes root and loop devices"), arguments: ["file", "folder"])
  func `a power cut leaves the old or the new`(_ kind: String) async throws {
    let said = try await bash(
      """
      kind=\(kind); truncate -s 16M image; mkfs.ext4 -q -O ^metadata_csum image; mkdir -p disk out
      cut() { python3 -c 'import fcntl,os,struct; fcntl.ioctl(os.open("out", os.O_RDONLY), 0x8004587D, struct.pack("I", 2))'; }
      old=0; new=0
      for moment in $(seq 1 \(Fuzzing.rounds(20))); do
        mount -o loop image out || exit 77
        rm -rf out/*; "$trial" $kind out n old || exit 9; sync -f out
        "$trial" $kind out n new & sleep $(printf '0.%03d' $((moment * 7 % 24))); 
        if [ $((moment % 4)) = 0 ]; then wait $! || exit 9; fi
        cut; wait
        umount out; mount -o loop image out || exit 9
        seen=$(version) || { echo "$seen"; umount out; exit 9; }
        if [ $((moment % 4)) = 0 ] && [ "$seen" != new ]; then echo "done, and lost: $seen"; umount out; exit 9; fi
        case $seen in old) old=$((old + 1)) ;; new) new=$((new + 1)) ;; *) echo "$seen"; umount out; exit 9 ;; esac
        umount out
        e2fsck -fn image > said 2>&1 || { cat said; exit 9; }
      done
      echo "$((old + new)) moments: $old old, $new new"
      """)
    print("\(kind): power cut at \(said.filter { $0 != "\n" })")
    #expect(said.contains("moments"), "\(said)")
  }

  @Test func `processes side by side get the content of their own keys`() async throws {
    let count = Fuzzing.rounds(4)
    let namespaces = isRoot ? "unshare --pid --fork --mount-proc " : ""
    let said = try await bash(
      """
      for process in 1 2 3 4 5 6; do \(namespaces)"$trial" cache cache \(count) > said.$process 2>&1 & pids="${pids:-} $!"; done
      for pid in $pids; do wait $pid || { cat said.*; exit 9; }; done
      cat said.*; "$trial" cache cache 1; ls -A cache/entries | grep -c pibake || true
      """)
    print(
      "6 processes, \(count) rounds of 100 entries, \(isRoot ? "each process 1 of a PID namespace" : "one namespace")")
    #expect(said == "0\n", "\(said)")
  }

  @Test func `processes that publish one name leave one of theirs`() async throws {
    let said = try await bash(
      """
      kind=folder; mkdir out
      for round in $(seq 1 \(Fuzzing.rounds(10))); do
        pids=
        for process in 1 2 3 4; do "$trial" folder out n p$process > said.$process 2>&1 & pids="$pids $!"; done
        for pid in $pids; do wait $pid || { cat said.*; exit 9; }; done
        version > /dev/null || exit 9
        [ "$(ls -A out)" = n ] || { echo "left: $(ls -A out)"; exit 9; }
      done
      """)
    #expect(said == "")
  }
}
