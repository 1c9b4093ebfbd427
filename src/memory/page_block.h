// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Blocks with pages of their own: private anonymous pages, written where they will run and then flipped to their
// protection. A page is writable or executable at any time, never both; two protections never share a page; nothing is
// shared with other processes, so a fork is right without further ado. The price is a system call or two for each flip,
// and whole pages.
//
// Where the kernel refuses to make pages executable that were writable, their code is moved, once it is written, to
// pages that it allows to run: by what MemoryKind says, and for kStrict not at all.
#ifndef ENFOLD_MEMORY_PAGE_BLOCK_H_
#define ENFOLD_MEMORY_PAGE_BLOCK_H_

#include <atomic>
#include <cstdint>
#include <span>

#include <enfold/memory.h>

#include "memory/address_space.h"
#include "memory/system.h"
#include "memory/views.h"

namespace enfold::memory {

// Threads: all functions may be called from several threads at once, for different blocks.
class PageBlocks {
 public:
  // Ownership: all are borrowed.
  PageBlocks(System& system, AddressSpace& space, Views& views, MemoryKind kind)
      : system_(system), space_(space), views_(views), kind_(kind) {}

  Expected<Block> reserve(AddressRange within, std::span<const SegmentRequest> segments);
  // Likewise, behind `lead` bytes, and in no window.
  Expected<Block> reserve_for_loader(AddressRange within, std::uint64_t lead, std::span<const SegmentRequest> segments);
  Expected<void> hand_over(Block& block);
  Expected<void> take_back(Block& block);
  Expected<void> seal(Block& block, SealStage stage);
  void release(const Block& block) noexcept;

  // Adds its own.
  void count(MemoryUse& use) const;

 private:
  struct Flip;
  int flip(Block& block, const Flip& flip);
  std::uint64_t committed(const Block& block) const;
  void note(const Block& block, std::uint64_t sign);

  System& system_;
  AddressSpace& space_;
  Views& views_;
  const MemoryKind kind_;
  // Of live blocks.
  std::atomic<std::uint64_t> block_count_{0};
  std::atomic<std::uint64_t> requested_{0};  // bytes
  std::atomic<std::uint64_t> committed_{0};
};

// What an error says where the system allows only other kinds of memory.
Error with_other_kind(Error error);

}  // namespace enfold::memory

#endif  // ENFOLD_MEMORY_PAGE_BLOCK_H_
