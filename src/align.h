// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_ALIGN_H_
#define ENFOLD_ALIGN_H_

#include <cstdint>

namespace enfold {

// `alignment` is a power of two.
constexpr std::uint64_t align_down(std::uint64_t value, std::uint64_t alignment) { return value & ~(alignment - 1); }
constexpr std::uint64_t align_up(std::uint64_t value, std::uint64_t alignment) {
  return align_down(value + alignment - 1, alignment);
}
constexpr std::uint64_t align_up_p2(std::uint64_t value, std::uint8_t p2align) {
  return align_up(value, std::uint64_t{1} << p2align);
}

}  // namespace enfold

#endif  // ENFOLD_ALIGN_H_
