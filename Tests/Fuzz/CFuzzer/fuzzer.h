#include <stddef.h>
#include <stdint.h>

// libFuzzer's entrance for programs with a main of their own (llvm, compiler-rt/lib/fuzzer/FuzzerInterface.h).
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*try_one)(const uint8_t *data, size_t size));
