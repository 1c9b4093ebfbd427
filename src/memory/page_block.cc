// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "memory/page_block.h"

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <utility>
#include <vector>

#include <sys/mman.h>

#include "memory/block.h"
#include "memory/bring_in.h"
#include "memory/chunk.h"
#include "memory/code_changed.h"
#include "memory/cookie.h"
#include "memory/range.h"

namespace enfold::memory {

// Pages to be flipped by one mprotect.
struct PageBlocks::Flip {
  AddressRange pages{};
  int protection = PROT_NONE;
};

namespace {

bool sealed_at(Protection protection, SealStage stage) {
  if (protection == Protection::kReadWrite) return false;
  return (protection == Protection::kRelro) == (stage == SealStage::kRelro);
}

// Pages with the same protection, in runs.
template <class Flip>
void add(std::vector<Flip>& flips, AddressRange pages, int protection) {
  if (!flips.empty() && flips.back().protection == protection && pages.lo <= flips.back().pages.hi) {
    flips.back().pages.hi = pages.hi;
  } else {
    flips.push_back({pages, protection});
  }
}

AddressRange pages_of(const Block::Segment& segment, std::uint64_t page_size) {
  const std::uint64_t lo = value(segment.base);
  return {align_down(lo, page_size), align_up(lo + segment.size, page_size)};
}

// Large enough to be worth large pages, which it does not share with others.
std::uint64_t unit_for(const BlockLayout& layout) {
  const auto worth = [](const AddressRange& pages) { return size_of(pages) >= kWorthLargePage; };
  return std::ranges::any_of(layout.written, worth) ? kLargePage : 1;
}

Error too_large() { return Error(ErrorCode::kMemory, "the segments are larger than an address space"); }

AddressRange moved(AddressRange range, std::uint64_t by) { return {range.lo + by, range.hi + by}; }

void flush_instructions(const Block& block) {
  for (const Block::Segment& segment : block.segments) {
    if (segment.protection != Protection::kReadExecute || segment.size == 0) continue;
    code_changed({value(segment.base), value(segment.base) + segment.size});
  }
}

Block make_block(std::span<const SegmentRequest> requests, const BlockLayout& layout, AddressRange extent,
                 std::uint64_t start, Cookie cookie) {
  Block block;
  block.segments.reserve(requests.size());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const std::uint64_t base = start + layout.offsets[i];
    block.segments.push_back({.base = TargetAddr{base},
                              .working = reinterpret_cast<std::byte*>(base),
                              .size = requests[i].size,
                              .protection = requests[i].protection});
  }
  block.extent = extent;
  block.cookie = cookie.raw();
  return block;
}

}  // namespace

Expected<Block> PageBlocks::reserve(AddressRange within, std::span<const SegmentRequest> segments) {
  const std::optional<BlockLayout> layout = lay_out(segments, space_.page_size());
  if (!layout) return std::unexpected(too_large());
  Expected<Run> run = space_.acquire(within, layout->size, layout->alignment, unit_for(*layout));
  if (!run) return std::unexpected(std::move(run).error());
  RunGuard guard(space_, *run);
  for (const AddressRange& stretch : layout->stretches) {
    const AddressRange pages = moved(stretch, run->range.lo);
    if (const int failure = system_.protect(pages, PROT_READ | PROT_WRITE)) {
      return std::unexpected(system_error("mprotect", pages, failure));
    }
  }
  const AddressRange all{run->range.lo, run->range.lo + layout->size};
  for (const AddressRange& pages : layout->written) {
    if (const int failure = bring_in_block(system_, moved(pages, all.lo), all, run->range)) {
      return std::unexpected(system_error("mprotect", run->range, failure));
    }
  }
  Block block = make_block(segments, *layout, run->range, run->range.lo, Cookie::of_pages(*run));
  guard.keep();
  note(block, 1);
  return block;
}

Expected<Block> PageBlocks::reserve_for_loader(AddressRange within, std::uint64_t lead,
                                               std::span<const SegmentRequest> segments) {
  const std::optional<BlockLayout> layout = lay_out(segments, space_.page_size());
  if (!layout || lead > size_of(within)) return std::unexpected(too_large());
  const std::uint64_t before = align_up(lead, space_.page_size());
  Expected<AddressRange> range = space_.acquire_apart(within, before, layout->size, layout->alignment);
  if (!range) return std::unexpected(std::move(range).error());
  Block block = make_block(segments, *layout, *range, range->lo + before, Cookie::of_loader());
  note(block, 1);
  return block;
}

Expected<void> PageBlocks::hand_over(Block& block) {
  if (!Cookie(block.cookie).is_for_loader() || Cookie(block.cookie).is_handed_over()) {
    return std::unexpected(Error(ErrorCode::kInvalidArgument, "the block is not one for the dynamic linker"));
  }
  if (auto done = space_.hand_over(block.extent); !done) return done;
  block.cookie = Cookie(block.cookie).handed_over().raw();
  return {};
}

// Each segment has been mapped as it is to be in the end.
Expected<void> PageBlocks::take_back(Block& block) {
  for (const Block::Segment& segment : block.segments) {
    if (segment.size == 0) continue;
    const AddressRange pages = pages_of(segment, space_.page_size());
    if (const int failure = system_.protect(pages, PROT_READ | PROT_WRITE)) {
      return std::unexpected(system_error("mprotect", pages, failure));
    }
  }
  return {};
}

Expected<void> PageBlocks::seal(Block& block, SealStage stage) {
  if (stage == SealStage::kCode) flush_instructions(block);
  std::vector<Flip> todo;
  for (const Block::Segment& segment : block.segments) {
    if (segment.size == 0 || !sealed_at(segment.protection, stage)) continue;
    add(todo, pages_of(segment, space_.page_size()), final_protection(page_class(segment.protection)));
  }
  for (std::size_t i = 0; i < todo.size(); ++i) {
    const int failure = flip(block, todo[i]);
    if (failure == 0) continue;
    for (std::size_t undone = i + 1; undone-- > 0;) system_.protect(todo[undone].pages, PROT_READ | PROT_WRITE);
    Error error = system_error("mprotect", todo[i].pages, failure);
    const bool forbidden = failure == EACCES || failure == EPERM;
    return std::unexpected(forbidden ? with_other_kind(std::move(error)) : std::move(error));
  }
  return {};
}

int PageBlocks::flip(Block& block, const Flip& flip) {
  const int failure = system_.protect(flip.pages, flip.protection);
  const bool forbidden = failure == EACCES || failure == EPERM;
  if (!forbidden || (flip.protection & PROT_EXEC) == 0 || kind_ == MemoryKind::kStrict) return failure;
  const std::scoped_lock lock(views_);
  if (kind_ == MemoryKind::kForced) return views_.replace_by_force(flip.pages) == 0 ? 0 : failure;
  block.cookie = Cookie(block.cookie).with_file().raw();
  return views_.replace_by_file(flip.pages) == 0 ? 0 : failure;
}

void PageBlocks::release(const Block& block) noexcept {
  note(block, ~std::uint64_t{0});
  const Cookie cookie(block.cookie);
  if (cookie.is_for_loader()) return space_.forget(block.extent, cookie.is_handed_over());
  space_.release(cookie.run(block.extent));
}

void PageBlocks::note(const Block& block, std::uint64_t sign) {
  constexpr auto kOrder = std::memory_order_relaxed;
  block_count_.fetch_add(sign, kOrder);
  for (const Block::Segment& segment : block.segments) requested_.fetch_add(sign * segment.size, kOrder);
  committed_.fetch_add(sign * committed(block), kOrder);
}

void PageBlocks::count(MemoryUse& use) const {
  use.block_count += block_count_;
  use.granted += requested_;
  use.committed += committed_;
}

// Bytes of the pages that hold its segments.
std::uint64_t PageBlocks::committed(const Block& block) const {
  std::uint64_t size = 0;
  std::uint64_t end = 0;
  for (const Block::Segment& segment : block.segments) {
    if (segment.size == 0) continue;
    AddressRange pages = pages_of(segment, space_.page_size());
    pages.lo = std::max(pages.lo, end);
    size += size_of(pages);
    end = std::max(end, pages.hi);
  }
  return size != 0 ? size : space_.page_size();
}

Error with_other_kind(Error error) {
  return std::move(error).with_cure(
      "this system lets no memory become executable that was writable: set SessionOptions::memory to "
      "make_memory(MemoryKind::kAliased), or say --memory=alias");
}

}  // namespace enfold::memory
