// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "memory/small_block.h"

#include <algorithm>

#include "memory/range.h"

namespace enfold::memory {
namespace {

constexpr std::uint8_t kGreatestP2Align = 12;

// Gives segments their places, in order.
struct Packer {
  PoolNeeds needs{};
  std::uint64_t alignment = 1;  // of the empty segments since the last: they have the next one's address

  // Offset in the grant of its kind. After pass(), and not for empty segments.
  std::uint64_t place(const SegmentRequest& request) {
    PoolNeed& need = needs[static_cast<std::size_t>(page_class(request.protection))];
    const std::uint64_t offset = align_up(need.size, alignment);
    need.alignment = std::max(need.alignment, alignment);
    need.size = offset + request.size;
    alignment = 1;
    return offset;
  }
  std::uint64_t total() const { return needs[0].size + needs[1].size + needs[2].size; }
  void pass(const SegmentRequest& request) { alignment = std::max(alignment, std::uint64_t{1} << request.p2align); }
};

// An empty segment has the address of the next that is not, or of the last.
void place_empty(Block& block) {
  const Block::Segment* at = nullptr;
  for (const Block::Segment& segment : block.segments) {
    if (segment.size != 0) at = &segment;
  }
  if (at == nullptr) return;
  for (std::size_t i = block.segments.size(); i-- > 0;) {
    Block::Segment& segment = block.segments[i];
    if (segment.size != 0) {
      at = &segment;
    } else {
      segment.base = at->base;
      segment.working = at->working;
    }
  }
}

void include(PoolGrant& grant, const Block::Segment& segment) {
  const AddressRange range{value(segment.base), value(segment.base) + segment.size};
  if (grant.working == nullptr || range.lo < grant.range.lo) {
    grant.range.lo = range.lo;
    grant.working = segment.working;
  }
  grant.range.hi = std::max(grant.range.hi, range.hi);
}

}  // namespace

std::optional<PoolNeeds> lay_out_small(std::span<const SegmentRequest> requests, Block& block) {
  Packer packer;
  block.segments.resize(requests.size());
  Block::Segment* next = block.segments.data();
  for (const SegmentRequest& request : requests) {
    if (request.p2align > kGreatestP2Align || request.size > kSmall) return std::nullopt;
    Block::Segment& segment = *next++;
    segment.size = request.size;
    segment.protection = request.protection;
    packer.pass(request);
    if (request.size != 0) segment.base = TargetAddr{packer.place(request)};
    if (packer.total() > kSmall) return std::nullopt;
  }
  // So that no two blocks have the same first address.
  if (packer.total() == 0) packer.needs[static_cast<std::size_t>(PageClass::kConstant)].size = kGranule;
  return packer.needs;
}

void place_small(Block& block, const PoolGrants& grants) {
  block.extent = {~std::uint64_t{0}, 0};
  for (const PoolGrant& grant : grants) {
    if (size_of(grant.range) == 0) continue;
    block.extent = {std::min(block.extent.lo, grant.range.lo), std::max(block.extent.hi, grant.range.hi)};
  }
  bool any_empty = false;
  for (Block::Segment& segment : block.segments) {
    if (segment.size == 0) {
      segment.base = TargetAddr{block.extent.lo};
      any_empty = true;
      continue;
    }
    const PoolGrant& grant = grants[static_cast<std::size_t>(page_class(segment.protection))];
    const std::uint64_t offset = value(segment.base);
    segment.base = TargetAddr{grant.range.lo + offset};
    segment.working = grant.working + offset;
  }
  if (any_empty) place_empty(block);
}

PoolGrants grants_of(const Block& block) {
  PoolGrants grants;
  bool any = false;
  for (const Block::Segment& segment : block.segments) {
    if (segment.size == 0) continue;
    include(grants[static_cast<std::size_t>(page_class(segment.protection))], segment);
    any = true;
  }
  if (!any) grants[static_cast<std::size_t>(PageClass::kConstant)].range = block.extent;
  return grants;
}

PoolGrant relro_of(const Block& block) {
  PoolGrant grant;
  for (const Block::Segment& segment : block.segments) {
    if (segment.size != 0 && segment.protection == Protection::kRelro) include(grant, segment);
  }
  return grant;
}

}  // namespace enfold::memory
