// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "memory/block.h"

#include <algorithm>

#include "memory/range.h"

namespace enfold::memory {
namespace {

constexpr std::uint64_t kGreatestSize = 1ull << 56;  // sums of two stay far from overflow
constexpr std::uint8_t kGreatestP2Align = 47;

void add_stretch(std::vector<AddressRange>& stretches, AddressRange pages) {
  if (!stretches.empty() && pages.lo <= stretches.back().hi) {
    stretches.back().hi = std::max(stretches.back().hi, pages.hi);
  } else {
    stretches.push_back(pages);
  }
}

}  // namespace

std::optional<BlockLayout> lay_out(std::span<const SegmentRequest> requests, std::uint64_t page_size) {
  BlockLayout layout{.alignment = page_size};
  std::uint64_t end = 0;
  std::optional<Protection> last;
  for (const SegmentRequest& request : requests) {
    if (request.p2align > kGreatestP2Align || request.size > kGreatestSize) return std::nullopt;
    const std::uint64_t alignment = std::uint64_t{1} << request.p2align;
    layout.alignment = std::max(layout.alignment, alignment);
    std::uint64_t offset = align_up(end, alignment);
    if (request.size != 0) {
      if (last && *last != request.protection) offset = align_up(offset, page_size);
      last = request.protection;
      add_stretch(layout.stretches, {align_down(offset, page_size), align_up(offset + request.size, page_size)});
    }
    if (request.written_size != 0) {
      add_stretch(layout.written, {align_down(offset, page_size), align_up(offset + request.written_size, page_size)});
    }
    layout.offsets.push_back(offset);
    end = offset + request.size;
    if (end > kGreatestSize) return std::nullopt;
  }
  if (layout.stretches.empty()) layout.stretches.push_back({0, page_size});
  layout.size = align_up(std::max(end, layout.stretches.back().hi), page_size);
  return layout;
}

}  // namespace enfold::memory
