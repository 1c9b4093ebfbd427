// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Bump allocation for what lives exactly as long as one link: the section, symbol and address arrays of its objects.
// Nothing in it is freed singly and no destructor runs, so only trivially destructible types go in.
#ifndef ENFOLD_ARENA_H_
#define ENFOLD_ARENA_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>

#include "large_memory.h"
#include "rare_vector.h"

namespace enfold {

class Arena {
 public:
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): memory to give out
  Arena() {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // `count` value-initialised items.
  template <class T>
    requires std::is_trivially_destructible_v<T>
  std::span<T> make(std::size_t count) {
    const std::span<T> items = make_for_overwrite<T>(count);
    std::uninitialized_value_construct_n(items.begin(), items.size());
    return items;
  }

  // The same, each of which the caller constructs.
  template <class T>
    requires std::is_trivially_destructible_v<T>
  std::span<T> make_for_overwrite(std::size_t count) {
    if (count == 0) return {};
    return {static_cast<T*>(allocate(count * sizeof(T), alignof(T))), count};
  }

  // Much will be asked for: it comes from large pages from the start.
  void expect_much() {
    if (capacity_ < kLargeChunk) grow(kLargeChunk);
  }

  // All that it gave out is gone.
  void clear() {
    chunks_.clear();
    chunk_ = first_;
    capacity_ = kFirstChunk;
    used_ = 0;
  }

  std::string_view copy(std::string_view text) {
    if (text.empty()) return {};
    char* p = static_cast<char*>(allocate(text.size(), 1));
    std::memcpy(p, text.data(), text.size());
    return {p, text.size()};
  }

 private:
  static constexpr std::size_t kFirstChunk = 4096, kLargestSmallChunk = std::size_t{256} << 10;
  static constexpr std::size_t kLargeChunk = 4 * kLargePage;  // touched as far as it is used

  struct Free {
    std::size_t size = 0;
    void operator()(std::byte* chunk) const {
      if (size > kLargestSmallChunk) return unmap_large(chunk, size);
      delete[] chunk;
    }
  };

  // In the arena itself: enough for a tiny object.
  alignas(std::max_align_t) std::byte first_[kFirstChunk];

  void* allocate(std::size_t size, std::size_t align) {
    std::size_t at = (used_ + align - 1) & ~(align - 1);
    if (at + size > capacity_) {
      grow(size);
      at = 0;
    }
    used_ = at + size;
    return chunk_ + at;
  }

  [[gnu::cold, gnu::noinline]] void grow(std::size_t size) {
    std::size_t next = std::max(capacity_ * 2, size);
    if (next > kLargestSmallChunk) next = std::max(kLargeChunk, size);
    auto* const memory = next > kLargestSmallChunk ? static_cast<std::byte*>(map_large(next)) : new std::byte[next];
    chunks_.push_back(std::unique_ptr<std::byte[], Free>(memory, Free{next}));
    if (next == size && next <= kLargestSmallChunk) bring_in(memory, next);
    chunk_ = memory;
    capacity_ = next;
    used_ = 0;
  }

  RareVector<std::unique_ptr<std::byte[], Free>> chunks_;
  std::byte* chunk_ = first_;                      // the last one
  std::size_t capacity_ = kFirstChunk, used_ = 0;  // of it
};

}  // namespace enfold

#endif  // ENFOLD_ARENA_H_
