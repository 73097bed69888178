import SystemPackage
import TestSupport
import Testing

/// Memory does not grow with the machine's processors: chunks are decoded and packed on all of them.
@Suite(
  .enabled(if: Pibake.isBuilt, "the release binary is not built: run `make test`"),
  .enabled(if: Tool.arePresent("cc", "xz"), "no C compiler, or no xz"))
struct MemoryTests {
  @Test func `a machine of 64 processors takes no more than one of two`() async throws {
    let folder = try TemporaryFolder()
    let image = try await Fixture.image("mini")
    let script = """
      set -eu
      cd '\(folder.path)'
      cat > many.c <<'END'
      #define _GNU_SOURCE
      #include <sched.h>
      #include <string.h>
      int sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set) {
        memset(set, 0, size);
        for (int i = 0; i < 64; i++) CPU_SET_S(i, size, set);
        return 0;
      }
      END
      cc -shared -fPIC -o many.so many.c
      xz -0 -T0 --block-size=8MiB -c '\(image)' > mini.img.xz
      cat > node.toml <<'END'
      extends = "\(Fixture.recipes.appending("nog.toml"))"
      [output]
      image = { compress = "zstd" }
      END
      LD_PRELOAD=$PWD/many.so '\(Fixture.pibake)' build node.toml --image mini.img.xz --output out --cache cache
      """
    let result = try await Tool.run("bash", ["-c", script])
    try #require(result.status == 0, "\(result.output)")
    let match = try #require(result.standardError.firstMatch(of: /([0-9.]+) MB of memory at most/))
    let megabytes = try #require(Double(match.1))
    // 167 MB, where the buffers of every thread that had packed a chunk stayed 269.
    #expect(megabytes < 220, "\(result.standardError)")
  }
}
