// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A TLS descriptor's entry keeps every register that its caller may use, vector and mask registers among them. Where
// the system has switched it on, XSAVE saves those, XSAVEC in less space (Intel SDM, volume 1, chapter 13); valgrind
// has only the former, and old processors have FXSAVE alone.
#include "runtime/vector_state.h"

#if defined(__x86_64__)
#include <algorithm>
#include <cstdint>

#include <cpuid.h>

#include "fork.h"

extern "C" {
// What the entry point reads: 0 FXSAVE, 1 XSAVE, 2 XSAVEC; and how much room on the stack.
[[gnu::visibility("hidden")]] constinit std::uint32_t enfold_vector_save_kind = 0;
[[gnu::visibility("hidden")]] constinit std::uint32_t enfold_vector_save_size = 512;
}

namespace enfold::runtime {
namespace {

// x87, SSE, AVX, MPX bounds, AVX-512's masks and registers, and APX's general registers: as in the entry point. Not
// AMX's tiles, which are the caller's to save, and not protection keys.
constexpr std::uint32_t kComponents = 0x800ef;
constexpr std::uint32_t kLegacySize = 512 + 64;  // with the header

struct Leaf {
  std::uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0;
};

Leaf processor_leaf(std::uint32_t number, std::uint32_t sub = 0) {
  Leaf got;
  if (__get_cpuid_count(number, sub, &got.eax, &got.ebx, &got.ecx, &got.edx) == 0) return {};
  return got;
}

std::uint32_t enabled_components() {
  std::uint32_t low = 0, high = 0;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low & kComponents;
}

// Enough for both forms: components in their fixed places, or packed, each aligned to 64.
std::uint32_t save_size(std::uint32_t components) {
  std::uint32_t fixed = kLegacySize, packed = kLegacySize;
  for (std::uint32_t i = 2; i < 32; ++i) {
    if ((components >> i & 1) == 0) continue;
    const Leaf component = processor_leaf(0xd, i);  // size in eax, place in ebx
    fixed = std::max(fixed, component.eax + component.ebx);
    packed += (component.eax + 63) & ~63u;
  }
  return (std::max(fixed, packed) + 63) & ~63u;
}

struct Prepared {
  Prepared() {
    constexpr std::uint32_t kOsxsave = 1u << 27, kXsavec = 1u << 1;
    if ((processor_leaf(1).ecx & kOsxsave) == 0) return;
    enfold_vector_save_size = save_size(enabled_components());
    enfold_vector_save_kind = (processor_leaf(0xd, 1).eax & kXsavec) != 0 ? 2 : 1;
  }
};

}  // namespace

void prepare_vector_state() { lasting<Prepared>(); }

}  // namespace enfold::runtime
#endif
