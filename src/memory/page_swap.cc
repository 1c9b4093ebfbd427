// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "memory/page_swap.h"

#include <cstring>

#include <sys/mman.h>

#include "memory/range.h"
#include "memory/views.h"

namespace enfold::memory {
namespace {

std::byte* pointer(std::uint64_t address) { return reinterpret_cast<std::byte*>(address); }

}  // namespace

PageSwap::~PageSwap() {
  for (const AddressRange& range : left_) system_.unmap(range);
}

AddressRange PageSwap::scratch_page(std::size_t index) const {
  const std::uint64_t lo = scratch_ + index * page_size_;
  return {lo, lo + page_size_};
}

void PageSwap::collect_pages(std::span<const Patch> patches) {
  for (const Patch& patch : patches) {
    const std::uint64_t end = patch.address + patch.bytes.size();
    for (std::uint64_t page = align_down(patch.address, page_size_); page < end; page += page_size_) {
      if (pages_.empty() || pages_.back() < page) pages_.push_back(page);
    }
  }
}

int PageSwap::prepare(std::span<const Patch> patches, int protection) {
  collect_pages(patches);
  const std::uint64_t size = 2 * pages_.size() * page_size_;
  if (size == 0) return 0;
  constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS;
  if (const int failure = system_.map_anywhere(size, PROT_READ | PROT_WRITE, kFlags, -1, scratch_)) return failure;
  left_.reserve(2 * pages_.size() + 1);  // undoing must not allocate
  left_.push_back({scratch_, scratch_ + size});
  fill(patches);
  return system_.protect(left_.back(), protection);
}

void PageSwap::fill(std::span<const Patch> patches) {
  for (std::size_t i = 0; i < pages_.size(); ++i) {
    std::memcpy(pointer(fresh(i).lo), pointer(pages_[i]), page_size_);
    std::memcpy(pointer(old(i).lo), pointer(fresh(i).lo), page_size_);
  }
  std::size_t first = 0;
  for (const Patch& patch : patches) {
    const AddressRange range{patch.address, patch.address + patch.bytes.size()};
    while (pages_[first] + page_size_ <= range.lo) ++first;
    for (std::size_t i = first; i < pages_.size() && pages_[i] < range.hi; ++i) {
      const AddressRange part = intersect(range, {pages_[i], pages_[i] + page_size_});
      std::memcpy(pointer(fresh(i).lo + (part.lo - pages_[i])), patch.bytes.data() + (part.lo - range.lo),
                  size_of(part));
    }
  }
}

int PageSwap::commit() {
  for (std::size_t i = 0; i < pages_.size(); ++i) {
    const int failure = system_.move(fresh(i), pages_[i]);
    left_.front().lo = fresh(i).hi;  // below it nothing is ours any more
    if (failure == 0) continue;
    left_.front().lo = fresh(i).lo;
    undo(i);
    return failure;
  }
  return 0;
}

// What lies where a moved page was is not ours to unmap: each old page that goes back leaves a hole.
void PageSwap::undo(std::size_t moved) {
  const AddressRange all = left_.front();
  left_ = {{all.lo, old(0).lo}};
  for (std::size_t i = 0; i < moved; ++i) {
    if (system_.move(old(i), pages_[i]) != 0) left_.push_back(old(i));
  }
  left_.push_back({old(moved).lo, all.hi});
}

}  // namespace enfold::memory
