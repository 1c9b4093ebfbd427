// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Replaces pages under the eyes of those who read them. Everything that can fail for want of memory happens before the
// first page is moved, and a copy of every old page waits to be moved back:
//
//   scratch   | new 0 | new 1 | ... | old 0 | old 1 | ... |
#ifndef ENFOLD_MEMORY_PAGE_SWAP_H_
#define ENFOLD_MEMORY_PAGE_SWAP_H_

#include <cstdint>
#include <span>
#include <vector>

#include <enfold/memory.h>

#include "memory/system.h"

namespace enfold::memory {

struct Patch;

// Errors: 0 or an errno value.
class PageSwap {
 public:
  PageSwap(System& system, std::uint64_t page_size) : system_(system), page_size_(page_size) {}
  ~PageSwap();
  PageSwap(const PageSwap&) = delete;
  PageSwap& operator=(const PageSwap&) = delete;

  // `patches` by rising addresses; the pages they lie in must not be written until commit() has returned.
  int prepare(std::span<const Patch> patches, int protection);

  // Every page or none.
  int commit();

 private:
  void collect_pages(std::span<const Patch> patches);
  void fill(std::span<const Patch> patches);
  AddressRange fresh(std::size_t page) const { return scratch_page(page); }
  AddressRange old(std::size_t page) const { return scratch_page(pages_.size() + page); }
  AddressRange scratch_page(std::size_t index) const;
  void undo(std::size_t moved);

  System& system_;
  const std::uint64_t page_size_;
  std::vector<std::uint64_t> pages_;  // addresses, rising
  std::uint64_t scratch_ = 0;
  std::vector<AddressRange> left_;  // of the scratch pages, to be unmapped
};

}  // namespace enfold::memory

#endif  // ENFOLD_MEMORY_PAGE_SWAP_H_
