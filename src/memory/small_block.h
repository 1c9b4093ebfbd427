// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How a small block lies in chunks: its segments of one kind of page one after another, in one share of that kind. What
// was granted can be told from the block's segments, so that nothing is kept for a block.
#ifndef ENFOLD_MEMORY_SMALL_BLOCK_H_
#define ENFOLD_MEMORY_SMALL_BLOCK_H_

#include <cstdint>
#include <span>

#include <enfold/memory.h>

#include "memory/pool.h"

namespace enfold::memory {

inline constexpr std::uint64_t kSmall = 64 << 10;

// What a small block needs of each kind of page. `block` gets its segments, each with its offset in the share of its
// kind for a base. False where it is not small: by its size, or by alignments of more than a page or that cost too
// much.
bool lay_out_small(std::span<const SegmentRequest> requests, Block& block, PoolShares& shares);

// Puts a block so laid out into what it was granted, each share with working memory.
void place_small(Block& block, PoolShares& shares);

// What such a block was granted.
PoolShares shares_of(const Block& block);

// Its RELRO alone.
PoolShare relro_of(const Block& block);

}  // namespace enfold::memory

#endif  // ENFOLD_MEMORY_SMALL_BLOCK_H_
