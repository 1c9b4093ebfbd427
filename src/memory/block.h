// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The geometry of a block: segments one after another, as a dynamic linker maps an image. The MMU protects whole pages,
// so a segment starts on a page of its own where its protection differs from that of the one before.
//
//    | kReadExecute      | kRead  kRead   | kRelro  | kReadWrite              |
//    ^ page              ^ page           ^ page    ^ page                    ^ rounded up to a page
#ifndef ENFOLD_MEMORY_BLOCK_H_
#define ENFOLD_MEMORY_BLOCK_H_

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <enfold/memory.h>

namespace enfold::memory {

// Units: bytes from the block's start.
struct BlockLayout {
  std::vector<std::uint64_t> offsets{};   // of each segment
  std::vector<AddressRange> stretches{};  // whole pages that hold segments: all but gaps made by large alignments
  std::vector<AddressRange> written{};    // whole pages that hold what is not zero-filled
  std::uint64_t size = 0;                 // a multiple of the page size, not 0
  std::uint64_t alignment = 0;            // of the block's start
};

// Nothing when the sum does not fit an address space.
std::optional<BlockLayout> lay_out(std::span<const SegmentRequest> requests, std::uint64_t page_size);

}  // namespace enfold::memory

#endif  // ENFOLD_MEMORY_BLOCK_H_
