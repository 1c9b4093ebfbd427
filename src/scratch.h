// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Memory for arrays that one link's passes grow and drop. Those of a tiny set fit the buffer in here, so that linking
// one asks the process's allocator for little but what outlives the link. What does not fit comes from that allocator
// and goes back to it, but for large sets: the allocator would have the kernel hand out each array page by page, at a
// fault a page. Once an array takes a good part of a large page there is one for all that follow and fit in; what is as
// large as that is memory of its own.
#ifndef ENFOLD_SCRATCH_H_
#define ENFOLD_SCRATCH_H_

#include <array>
#include <cstddef>
#include <functional>
#include <vector>

namespace enfold {

// Threads: one at a time.
class Scratch {
 public:
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): memory to give out
  Scratch() {}
  ~Scratch() {
    if (page_ != nullptr) drop_page();
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  // Not inlined: a link takes some dozens of arrays, each in another place of its code.
  [[gnu::noinline]] void* take(std::size_t size, std::size_t align) {
    const std::size_t at = (used_ + align - 1) & ~(align - 1);
    if (size > kLargest || align > alignof(std::max_align_t) || at + size > kSize) return take_elsewhere(size, align);
    used_ = at + size;
    return buffer_.data() + at;
  }

  // Only what was given out last makes room again: arrays that grow, and those of a pass that has ended.
  [[gnu::noinline]] void give_back(void* memory, std::size_t size, std::size_t align) {
    auto* const first = static_cast<std::byte*>(memory);
    if (!is_ours(first)) return give_back_elsewhere(memory, size, align);
    if (first + size == buffer_.data() + used_) used_ = static_cast<std::size_t>(first - buffer_.data());
  }

 private:
  static constexpr std::size_t kSize = 4096, kLargest = 1024;

  static constexpr std::size_t kWorthPage = std::size_t{512} << 10, kLeastInPage = std::size_t{16} << 10;

  [[gnu::cold]] void* take_elsewhere(std::size_t size, std::size_t align);
  [[gnu::cold]] void give_back_elsewhere(void* memory, std::size_t size, std::size_t align);
  void* take_in_page(std::size_t size);
  bool is_in_page(const std::byte* memory) const;
  [[gnu::cold]] void drop_page() noexcept;

  bool is_ours(const std::byte* memory) const {
    return !std::less<>()(memory, buffer_.data()) && std::less<>()(memory, buffer_.data() + kSize);
  }

  alignas(std::max_align_t) std::array<std::byte, kSize> buffer_;
  std::size_t used_ = 0;
  std::byte* page_ = nullptr;  // kLargePage bytes, once there is one
  std::size_t page_used_ = 0;
};

// Of arrays in it. The compiler sees who allocates: a tiny set's link has a dozen such arrays.
template <class T>
class ScratchAllocator {
 public:
  using value_type = T;

  // NOLINTNEXTLINE(google-explicit-constructor): arrays are made of a pointer to what they lie in
  ScratchAllocator(Scratch* scratch) : scratch_(scratch) {}
  template <class U>
  // NOLINTNEXTLINE(google-explicit-constructor): of another type of items
  ScratchAllocator(const ScratchAllocator<U>& other) : scratch_(other.scratch()) {}

  T* allocate(std::size_t count) { return static_cast<T*>(scratch_->take(count * sizeof(T), alignof(T))); }
  void deallocate(T* items, std::size_t count) { scratch_->give_back(items, count * sizeof(T), alignof(T)); }

  Scratch* scratch() const { return scratch_; }
  friend bool operator==(const ScratchAllocator&, const ScratchAllocator&) = default;

 private:
  Scratch* scratch_;
};

template <class T>
using ScratchVector = std::vector<T, ScratchAllocator<T>>;

}  // namespace enfold

#endif  // ENFOLD_SCRATCH_H_
