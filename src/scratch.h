// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Memory for arrays that one link's passes grow and drop. Those of a tiny set fit the buffer in here, so that linking
// one asks the process's allocator for little but what outlives the link. What does not fit comes from that allocator and
// goes back to it; what is as large as a large page is memory of its own.
#ifndef ENFOLD_SCRATCH_H_
#define ENFOLD_SCRATCH_H_

#include <array>
#include <cstddef>
#include <functional>
#include <memory_resource>

#include "large_memory.h"

namespace enfold {

// Threads: one at a time.
class Scratch final : public std::pmr::memory_resource {
 public:
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): memory to give out
  Scratch() {}
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

 private:
  static constexpr std::size_t kSize = 4096, kLargest = 1024;

  void* do_allocate(std::size_t size, std::size_t align) override {
    const std::size_t at = (used_ + align - 1) & ~(align - 1);
    if (size > kLargest || align > alignof(std::max_align_t) || at + size > kSize) {
      return size >= kLargePage ? map_large(size) : std::pmr::new_delete_resource()->allocate(size, align);
    }
    used_ = at + size;
    return buffer_.data() + at;
  }

  // Only what was given out last makes room again: arrays that grow, and those of a pass that has ended.
  void do_deallocate(void* memory, std::size_t size, std::size_t align) override {
    auto* const first = static_cast<std::byte*>(memory);
    if (size >= kLargePage) return unmap_large(memory, size);
    if (!is_ours(first)) return std::pmr::new_delete_resource()->deallocate(memory, size, align);
    if (first + size == buffer_.data() + used_) used_ = static_cast<std::size_t>(first - buffer_.data());
  }

  bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override { return this == &other; }

  bool is_ours(const std::byte* memory) const {
    return !std::less<>()(memory, buffer_.data()) && std::less<>()(memory, buffer_.data() + kSize);
  }

  alignas(std::max_align_t) std::array<std::byte, kSize> buffer_;
  std::size_t used_ = 0;
};

}  // namespace enfold

#endif  // ENFOLD_SCRATCH_H_
