#include "clinux.h"

#include <string.h>

// One byte at a time: for the ends, and for processors without the instruction. The polynomial is 0x1EDC6F41, reflected.
static uint32_t crc32c_bytes(uint32_t crc, const uint8_t *bytes, size_t count) {
  while (count--) {
    crc ^= *bytes++;
    for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0x82F63B78u & -(crc & 1));
  }
  return crc;
}

#if defined(__x86_64__)
#include <cpuid.h>
#include <nmmintrin.h>

__attribute__((target("sse4.2"))) static uint32_t crc32c_words(uint32_t crc, const uint8_t *bytes, size_t words) {
  uint64_t state = crc;
  for (; words--; bytes += 8) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    state = _mm_crc32_u64(state, word);
  }
  return (uint32_t)state;
}
static int has_instruction(void) { return __builtin_cpu_supports("sse4.2"); }

#elif defined(__aarch64__)
#include <arm_acle.h>
#include <sys/auxv.h>

__attribute__((target("crc"))) static uint32_t crc32c_words(uint32_t crc, const uint8_t *bytes, size_t words) {
  for (; words--; bytes += 8) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    crc = __builtin_arm_crc32cd(crc, word);
  }
  return crc;
}
static int has_instruction(void) { return (getauxval(AT_HWCAP) & (1 << 7)) != 0; }  // HWCAP_CRC32

#else
static uint32_t crc32c_words(uint32_t crc, const uint8_t *bytes, size_t words) {
  return crc32c_bytes(crc, bytes, words * 8);
}
static int has_instruction(void) { return 0; }
#endif

uint32_t pb_crc32c(uint32_t seed, const void *pointer, size_t count) {
  const uint8_t *bytes = pointer;
  if (!has_instruction()) return crc32c_bytes(seed, bytes, count);
  uint32_t crc = crc32c_words(seed, bytes, count / 8);
  return crc32c_bytes(crc, bytes + count / 8 * 8, count % 8);
}
