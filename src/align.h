// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_ALIGN_H_
#define ENFOLD_ALIGN_H_

#include <cstdint>

namespace enfold {

constexpr std::uint64_t align_up_p2(std::uint64_t n, std::uint8_t p2align) {
  const std::uint64_t mask = (std::uint64_t{1} << p2align) - 1;
  return (n + mask) & ~mask;
}

}  // namespace enfold

#endif  // ENFOLD_ALIGN_H_
