#pragma once
#include <lzma.h>

// Macros of UINT32_C() are not imported.
static const uint32_t PB_LZMA_TELL_UNSUPPORTED_CHECK = LZMA_TELL_UNSUPPORTED_CHECK;
static const uint64_t PB_LZMA_VLI_UNKNOWN = LZMA_VLI_UNKNOWN;
static const uint64_t PB_LZMA_FILTER_LZMA2 = LZMA_FILTER_LZMA2;
static const uint32_t PB_LZMA_DICT_SIZE_MIN = LZMA_DICT_SIZE_MIN;
