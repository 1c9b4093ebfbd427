// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_RUNTIME_THREAD_POOL_RANGES_H_
#define ENFOLD_RUNTIME_THREAD_POOL_RANGES_H_

#include <algorithm>
#include <cstdint>
#include <vector>

#include "runtime/thread_pool.h"

namespace enfold::runtime {

// First fit over a few thousand ranges at most.
class PoolRanges {
 public:
  // The pool's byte 0 is at `origin` from the thread pointer. Bytes before `begin` are never given out.
  PoolRanges(std::int64_t origin, std::uint64_t begin, std::uint64_t end) : origin_(origin), begin_(begin), end_(end) {}

  PoolRange take(std::uint64_t size, std::uint64_t alignment) {
    std::uint64_t at = aligned(begin_, alignment);
    auto next = used_.begin();
    for (; next != used_.end() && !(at <= next->begin && size <= next->begin - at); ++next) {
      at = std::max(at, aligned(next->begin + next->size, alignment));
    }
    if (next == used_.end() && (at > end_ || size > end_ - at)) return {};
    used_.insert(next, {at, size});
    return {at, size};
  }

  void give_back(PoolRange range) noexcept {
    const auto found = std::ranges::find(used_, range.begin, &PoolRange::begin);
    if (found != used_.end()) used_.erase(found);
  }

  PoolUse use() const {
    PoolUse use{.size = end_ - begin_, .free = 0, .largest_free = 0};
    std::uint64_t at = begin_;
    const auto add = [&](std::uint64_t to) {
      use.free += to - at;
      use.largest_free = std::max(use.largest_free, to - at);
    };
    for (const PoolRange& range : used_) {
      add(range.begin);
      at = range.begin + range.size;
    }
    add(end_);
    return use;
  }

 private:
  // The least offset from `at` on whose distance from the thread pointer is a multiple of the alignment.
  std::uint64_t aligned(std::uint64_t at, std::uint64_t alignment) const {
    const std::uint64_t distance = at + static_cast<std::uint64_t>(origin_);
    return at + ((alignment - distance % alignment) & (alignment - 1));
  }

  std::int64_t origin_;
  std::uint64_t begin_, end_;
  std::vector<PoolRange> used_;  // by begin
};

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_THREAD_POOL_RANGES_H_
