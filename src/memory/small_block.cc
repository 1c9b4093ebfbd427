// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "memory/small_block.h"

#include <algorithm>

#include "memory/range.h"

namespace enfold::memory {
namespace {

constexpr std::uint8_t kGreatestP2Align = 12;

// Offset in the share.
std::uint64_t append(PoolShare& share, std::uint64_t size, std::uint64_t alignment) {
  const std::uint64_t offset = align_up(share.size, alignment);
  share.alignment = std::max(share.alignment, alignment);
  share.size = offset + size;
  return offset;
}

// An empty segment has the address of the next that is not, or of the last, or of a block of none but such.
void place_empty(Block& block) {
  Block::Segment nearest{.base = TargetAddr{block.extent.lo}};
  for (const Block::Segment& segment : block.segments) {
    if (segment.size != 0) nearest = segment;
  }
  for (std::size_t i = block.segments.size(); i-- > 0;) {
    Block::Segment& segment = block.segments[i];
    if (segment.size != 0) {
      nearest = segment;
    } else {
      segment.base = nearest.base;
      segment.working = nearest.working;
    }
  }
}

// Segments of one kind come by rising addresses.
void include(PoolShare& share, const Block::Segment& segment) {
  if (share.size == 0) {
    share.base = value(segment.base);
    share.working = segment.working;
  }
  share.size = value(segment.base) + segment.size - share.base;
}

}  // namespace

bool lay_out_small(std::span<const SegmentRequest> requests, Block& block, PoolShares& shares) {
  block.segments.resize(requests.size());
  Block::Segment* segment = block.segments.data();
  std::uint64_t alignment = 1;  // of the empty segments since the last, too: they have the next one's address
  for (const SegmentRequest& request : requests) {
    if (request.p2align > kGreatestP2Align || request.size > kSmall) return false;
    alignment = std::max(alignment, std::uint64_t{1} << request.p2align);
    if (request.size != 0) {
      segment->base = TargetAddr{append(shares.of(request.protection), request.size, alignment)};
      alignment = 1;
    }
    segment->size = request.size;
    segment->protection = request.protection;
    shares.requested += request.size;
    ++segment;
  }
  // So that no two blocks have the same first address.
  if (shares.requested == 0) shares.of(PageClass::kConstant).size = kGranule;
  std::uint64_t total = 0;
  for (const PoolShare& share : shares.by_class) total += share.size;
  return total <= kSmall;
}

void place_small(Block& block, PoolShares& shares) {
  block.extent = {~std::uint64_t{0}, 0};
  for (const PoolShare& share : shares.by_class) {
    if (share.size == 0) continue;
    block.extent = {std::min(block.extent.lo, share.base), std::max(block.extent.hi, share.base + share.size)};
  }
  bool any_empty = false;
  for (Block::Segment& segment : block.segments) {
    const PoolShare& share = shares.of(segment.protection);
    const std::uint64_t offset = value(segment.base);
    segment.base = TargetAddr{share.base + offset};
    segment.working = share.working + offset;
    any_empty = any_empty || segment.size == 0;
  }
  if (any_empty) place_empty(block);
}

PoolShares shares_of(const Block& block) {
  PoolShares shares;
  for (const Block::Segment& segment : block.segments) {
    if (segment.size == 0) continue;
    include(shares.of(segment.protection), segment);
    shares.requested += segment.size;
  }
  if (shares.requested == 0) {
    PoolShare& share = shares.of(PageClass::kConstant);
    share.base = block.extent.lo;
    share.size = size_of(block.extent);
  }
  return shares;
}

PoolShare relro_of(const Block& block) {
  PoolShare share;
  for (const Block::Segment& segment : block.segments) {
    if (segment.size != 0 && segment.protection == Protection::kRelro) include(share, segment);
  }
  return share;
}

}  // namespace enfold::memory
