#!/bin/bash
# Fuzzes the readers by libFuzzer, as many at a time as there are processors, and says what each did.
#   fuzz.sh SECONDS [TARGET...]   seconds for each target: ext4 fat table container recipe
# A finding stops its target with the input left in the findings folder, and makes the status 1.
# PIBAKE_FUZZ_FOLDER keeps corpora and findings between runs (default: .build/fuzzing).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
seconds=${1:?seconds for each target}
shift
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(ext4 fat table container recipe)
folder=${PIBAKE_FUZZ_FOLDER:-.build/fuzzing}
mkdir -p "$folder/findings"

build() {
  local resources runtime
  resources=$(swiftc -print-target-info | sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p')
  runtime=$(find -L "$resources/clang/lib" -name "libclang_rt.fuzzer_no_main-$(uname -m).a" | head -n 1)
  [ -n "$runtime" ] || { echo "the Swift toolchain holds no libFuzzer for $(uname -m)" >&2; return 1; }
  PIBAKE_FUZZ=1 swift build -c release --scratch-path .build/fuzz --product Fuzz --sanitize address \
    -Xswiftc -sanitize-coverage=edge,trace-cmp,inline-8bit-counters,pc-table \
    -Xlinker "$runtime" -Xlinker -lstdc++ > "$folder/build.log" 2>&1 || { cat "$folder/build.log" >&2; return 1; }
}

# The inputs of a run of five seconds count as hangs: what a reader does to so small an input is bounded, its memory too.
fuzz() {
  local target=$1 log=$folder/$1.log options=() verdict='no finding' status=0
  mkdir -p "$folder/corpus/$target"
  # The recipe language lives as long as the process, in enums whose pointers carry tags: leaks, to whoever looks for plain pointers.
  # That reader calls no C library.
  local asan=$ASAN_OPTIONS
  [ "$target" != recipe ] || asan+=:detect_leaks=0
  [ ! -e "$folder/seeds/$target.dict" ] || options+=(-dict="$folder/seeds/$target.dict")
  ASAN_OPTIONS=$asan PIBAKE_FUZZ_TARGET=$target .build/fuzz/release/Fuzz "$folder/corpus/$target" "$folder/seeds/$target" \
    -max_total_time="$seconds" -max_len=65536 -timeout=5 -rss_limit_mb=2048 -malloc_limit_mb=1024 -use_value_profile=1 \
    -detect_leaks=0 \
    "${options[@]}" -artifact_prefix="$folder/findings/$target-" -print_final_stats=1 > "$log" 2>&1 || status=1
  [ $status = 0 ] || verdict="FINDING: see $log"
  echo "fuzz $target: $(statistic number_of_executed_units) executions," \
    "$(statistic average_exec_per_sec) a second, $(statistic peak_rss_mb) MB, $verdict"
  return $status
}

statistic() { sed -n "s/^stat::$1: *//p" "$log"; }

build
Tests/Fuzz/make-seeds.sh "$folder/seeds"
# A crash would otherwise wait for Swift's own report of it.
export SWIFT_BACKTRACE=enable=no
# Freed memory is given out again sooner, so that not every input waits for new pages; leaks are looked for at the end.
export ASAN_OPTIONS=quarantine_size_mb=8:malloc_context_size=8
trap 'rm -rf /dev/shm/pibake-fuzz-*' EXIT
status=0
running=0
for target in "${targets[@]}"; do
  if [ $running -ge "$(nproc)" ]; then
    wait -n || status=1
    running=$((running - 1))
  fi
  fuzz "$target" &
  running=$((running + 1))
done
while [ $running -gt 0 ]; do
  wait -n || status=1
  running=$((running - 1))
done
exit $status
