// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "scratch.h"

#include <cstddef>
#include <functional>
#include <new>
#include <utility>

#include "align.h"
#include "large_memory.h"

namespace enfold {
namespace {

std::size_t aligned(std::size_t size) { return align_up(size, alignof(std::max_align_t)); }

}  // namespace

void* Scratch::take_elsewhere(std::size_t size, std::size_t align) {
  if (size >= kLargePage) return map_large(size);
  if (size >= kLeastInPage && align <= alignof(std::max_align_t)) {
    if (void* const memory = take_in_page(size)) return memory;
  }
  return ::operator new(size, std::align_val_t(align));
}

void Scratch::give_back_elsewhere(void* memory, std::size_t size, std::size_t align) {
  if (size >= kLargePage) return unmap_large(memory, size);
  auto* const first = static_cast<std::byte*>(memory);
  if (!is_in_page(first)) return ::operator delete(memory, size, std::align_val_t(align));
  const auto at = static_cast<std::size_t>(first - page_);
  if (at + aligned(size) == page_used_) page_used_ = at;
}

// Null: there is no page, or no room in it.
void* Scratch::take_in_page(std::size_t size) {
  if (page_ == nullptr) {
    if (size < kWorthPage) return nullptr;
    page_ = static_cast<std::byte*>(map_large(kLargePage));
  }
  if (aligned(size) > kLargePage - page_used_) return nullptr;
  return page_ + std::exchange(page_used_, page_used_ + aligned(size));
}

bool Scratch::is_in_page(const std::byte* memory) const {
  return page_ != nullptr && !std::less<>()(memory, page_) && std::less<>()(memory, page_ + kLargePage);
}

void Scratch::drop_page() noexcept { unmap_large(page_, kLargePage); }

}  // namespace enfold
