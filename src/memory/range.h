// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_MEMORY_RANGE_H_
#define ENFOLD_MEMORY_RANGE_H_

#include <algorithm>
#include <cstdint>

#include <enfold/memory.h>

#include "align.h"

namespace enfold::memory {

constexpr std::uint64_t size_of(AddressRange range) { return range.hi > range.lo ? range.hi - range.lo : 0; }

// Empty (size 0) when the two do not overlap.
constexpr AddressRange intersect(AddressRange a, AddressRange b) {
  const std::uint64_t lo = std::max(a.lo, b.lo);
  return {lo, std::max(lo, std::min(a.hi, b.hi))};
}

constexpr bool contains(AddressRange outer, AddressRange inner) { return outer.lo <= inner.lo && inner.hi <= outer.hi; }

}  // namespace enfold::memory

#endif  // ENFOLD_MEMORY_RANGE_H_
