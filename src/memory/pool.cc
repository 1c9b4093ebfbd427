// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "memory/pool.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <mutex>
#include <utility>

#include <sys/mman.h>

#include "memory/range.h"

namespace enfold::memory {
namespace {

constexpr std::uint64_t kLeastChunk = 64 << 10;
constexpr std::size_t kFrozenEnough = 4;  // chunks; with more of them, their free space is used, too, by force

std::uint32_t granules(std::uint64_t bytes) { return static_cast<std::uint32_t>((bytes + kGranule - 1) / kGranule); }

// Small windows, as under a tight RLIMIT_AS, must have room for a chunk of each kind.
std::uint64_t chunk_size(AddressRange within) {
  return std::clamp(std::bit_floor(size_of(within) / 16 | 1), kLeastChunk, kChunkSize);
}

void freeze(Chunk& chunk) {
  chunk.way = Way::kStaged;
  chunk.frozen = true;
}

}  // namespace

Way Pool::way(PageClass pages) const {
  if (pages == PageClass::kData) return Way::kInPlace;
  return kind_ == MemoryKind::kAliased ? Way::kAliased : Way::kStaged;
}

inline bool Pool::grant_in(Chunk& chunk, AddressRange within, bool frozen, PoolShare& share) {
  if (chunk.frozen != frozen || !contains(within, chunk.run.range)) return false;
  const auto alignment = static_cast<std::uint32_t>(share.alignment / kGranule);
  const std::optional<std::uint32_t> first = chunk.granules.take(granules(share.size), alignment);
  if (!first) return false;
  const std::uint64_t offset = *first * kGranule;
  share.base = chunk.run.range.lo + offset;
  if (offset + share.size > chunk.touched) {
    reach(system_, chunk, offset + share.size, woken_);
  } else if (offset < chunk.resting) {
    wake_for(chunk, {offset, offset + share.size});
  }
  if (chunk.any_away) [[unlikely]]
    note_present(system_, chunk, {offset, offset + share.size});
  if (chunk.stale != 0) [[unlikely]]
    zero_stale(chunk, {offset, offset + share.size});
  if (chunk.way == Way::kAliased) share.working = reinterpret_cast<std::byte*>(chunk.alias + offset);
  if (chunk.way == Way::kInPlace) share.working = reinterpret_cast<std::byte*>(share.base);
  return true;
}

bool Pool::grant(AddressRange within, PoolShares& shares) {
  const std::scoped_lock lock(lock_);
  for (std::size_t i = 0; i < kPageClasses; ++i) {
    PoolShare& share = shares.by_class[i];
    if (share.size == 0) continue;
    Chunk* const current = current_[i];
    if (current != nullptr && grant_in(*current, within, false, share)) continue;
    if (grant_elsewhere(static_cast<PageClass>(i), within, share)) continue;
    take_back_first(i, shares);
    return false;
  }
  ++block_count_;
  requested_ += shares.requested;
  return true;
}

// Where there is no room in the chunk that there was for the last one.
bool Pool::grant_elsewhere(PageClass pages, AddressRange within, PoolShare& share) {
  if (grant_roomy(pages, within, share)) return true;
  // Each fork leaves a chunk that is never filled. A process that forks again and again must not fill its window so.
  const bool try_frozen = frozen_count(pages, within) >= kFrozenEnough;
  if (try_frozen && grant_old(pages, within, share, true)) return true;
  if (grant_new(pages, within, share) || grant_old(pages, within, share, false)) return true;
  return !try_frozen && grant_old(pages, within, share, true);
}

// Of the chunks that have room for more than a few blocks, in the fullest: the others may become empty. Chunks with a
// hole or two wait until they have more, so that blocks which are linked one after another lie beside each other.
bool Pool::grant_roomy(PageClass pages, AddressRange within, PoolShare& share) {
  Chunk* fullest = nullptr;
  for (const auto& chunk : chunks_) {
    if (chunk->pages != pages || chunk->frozen || !chunk->roomy() || !contains(within, chunk->run.range)) continue;
    if (!chunk->granules.may_have(granules(share.size))) continue;
    if (fullest == nullptr || chunk->granules.free_count() < fullest->granules.free_count()) fullest = chunk.get();
  }
  if (fullest == nullptr || !grant_in(*fullest, within, false, share)) return false;
  current_[static_cast<std::size_t>(pages)] = fullest;
  return true;
}

bool Pool::grant_old(PageClass pages, AddressRange within, PoolShare& share, bool frozen) {
  for (const auto& chunk : chunks_) {
    if (chunk->pages != pages || !chunk->granules.may_have(granules(share.size))) continue;
    if (!grant_in(*chunk, within, frozen, share)) continue;
    current_[static_cast<std::size_t>(pages)] = chunk.get();
    return true;
  }
  return false;
}

bool Pool::grant_new(PageClass pages, AddressRange within, PoolShare& share) {
  const std::uint64_t least = align_up(share.size + kGranule * 4 + share.alignment, space_.page_size());
  for (std::uint64_t size = std::max(chunk_size(within), std::bit_ceil(least)); size >= least; size /= 2) {
    Expected<std::unique_ptr<Chunk>> chunk = open_chunk(system_, space_, pages, way(pages), within, size);
    if (!chunk) {
      if (size_of(within) < size || size <= kLeastChunk) return false;
      continue;
    }
    Chunk& opened = **chunk;
    const auto above = [&](const auto& c) { return c->run.range.lo > opened.run.range.lo; };
    chunks_.insert(std::ranges::find_if(chunks_, above), *std::move(chunk));
    Chunk* const full = std::exchange(current_[static_cast<std::size_t>(pages)], &opened);
    if (full != nullptr && full->alias != 0) rest(system_, *full, size_of(full->run.range), woken_);
    return grant_in(opened, within, false, share);
  }
  return false;
}

std::size_t Pool::frozen_count(PageClass pages, AddressRange within) const {
  return static_cast<std::size_t>(std::ranges::count_if(chunks_, [&](const auto& chunk) {
    return chunk->pages == pages && chunk->frozen && contains(within, chunk->run.range);
  }));
}

Chunk* Pool::chunk_at(std::uint64_t address) {
  const auto above = std::ranges::upper_bound(chunks_, address, {}, [](const auto& c) { return c->run.range.lo; });
  if (above == chunks_.begin() || address >= (*(above - 1))->run.range.hi) return nullptr;
  return (above - 1)->get();
}

bool Pool::is_current(const Chunk& chunk) const { return std::ranges::find(current_, &chunk) != current_.end(); }

// Where sets come and go all over many chunks, some of what was mapped again is laid to rest, a chunk at a time, those
// last that sets are put into.
void Pool::wake(Chunk& chunk, std::uint64_t offset) noexcept {
  for (std::size_t tries = 0; woken_ >= kMostWoken; ++tries) {
    if (next_to_rest_ >= chunks_.size()) next_to_rest_ = 0;
    Chunk& next = *chunks_[next_to_rest_++];
    if (next.woken == 0 || (tries < chunks_.size() && is_current(next))) continue;
    rest(system_, next, next.resting, woken_);
  }
  memory::wake(system_, chunk, offset, woken_);
}

// A block is granted that lies where the alias was laid to rest.
void Pool::wake_for(Chunk& chunk, AddressRange offsets) noexcept {
  for (std::uint64_t at = align_down(offsets.lo, kStretch); at < offsets.hi; at += kStretch) {
    if (is_asleep(chunk, at)) wake(chunk, at);
  }
}

// A block goes that lies where the alias was laid to rest. Mapping a page for each, where they lie far from each other,
// would take ten times as long as all else: then it is zeroed when it is granted again. False: it is not to be written.
bool Pool::wake_to_clear(Chunk& chunk, std::uint64_t offset, std::uint64_t size) noexcept {
  if (woken_ < kMostWoken) {
    memory::wake(system_, chunk, offset, woken_);
    return true;
  }
  for (std::uint64_t at = align_down(offset, kStretch); at < offset + size; at += kStretch) {
    chunk.stale |= stretch_bit(at);
  }
  return false;
}

void Pool::forget_alias(Chunk& chunk) noexcept {
  woken_ -= static_cast<std::uint32_t>(std::popcount(std::exchange(chunk.woken, 0)));
  chunk.resting = 0;
}

void Pool::take_back(const PoolShares& shares) noexcept {
  const std::scoped_lock lock(lock_);
  take_back_first(kPageClasses, shares);
  --block_count_;
  requested_ -= shares.requested;
}

inline void Pool::take_back_one(PageClass pages, const PoolShare& share) noexcept {
  Chunk*& current = current_[static_cast<std::size_t>(pages)];
  Chunk& chunk = current != nullptr && contains(current->run.range, share.range()) ? *current : *chunk_at(share.base);
  const std::uint64_t offset = share.base - chunk.run.range.lo;
  const bool asleep = is_asleep(chunk, offset) && !wake_to_clear(chunk, offset, share.size);
  if (!asleep) clear(system_, chunk, offset, share.size);
  chunk.granules.free(static_cast<std::uint32_t>(offset / kGranule), granules(share.size));
  // A chunk with many holes is filled before chunks above it, so that those can empty.
  if (current == nullptr || (chunk.run.range.lo < current->run.range.lo && chunk.half_empty())) current = &chunk;
  if (!chunk.empty()) return;
  if (is_spare(chunk)) return make_spare(chunk);
  close(std::ranges::find_if(chunks_, [&](const auto& c) { return c.get() == &chunk; }));
}

void Pool::make_spare(Chunk& chunk) noexcept {
  shrink(system_, chunk);
  chunk.away.reset();
  chunk.any_away = false;
  if (chunk.stale == 0) forget_alias(chunk);
}

// Those of the first `count` kinds of pages.
void Pool::take_back_first(std::size_t count, const PoolShares& shares) noexcept {
  for (std::size_t i = 0; i < count; ++i) {
    if (shares.by_class[i].size != 0) take_back_one(static_cast<PageClass>(i), shares.by_class[i]);
  }
}

// Whether an empty chunk is worth keeping: the only one of its kind in its window, and as good as new.
bool Pool::is_spare(const Chunk& chunk) const {
  if (chunk.frozen || chunk.diverged) return false;
  return std::ranges::none_of(chunks_, [&](const auto& other) {
    return other.get() != &chunk && other->pages == chunk.pages && other->run.window == chunk.run.window &&
           other->empty();
  });
}

Pool::Chunks::iterator Pool::close(Chunks::iterator at) noexcept {
  Chunk& chunk = **at;
  forget_alias(chunk);
  if (!close_chunk(system_, space_, chunk)) {
    stuck_aliases_.push_back({chunk.alias, chunk.alias + size_of(chunk.run.range)});
  }
  Chunk*& current = current_[static_cast<std::size_t>(chunk.pages)];
  if (current == &chunk) current = nullptr;
  return chunks_.erase(at);
}

void Pool::trim() noexcept {
  const std::scoped_lock lock(lock_);
  for (auto at = chunks_.begin(); at != chunks_.end();) at = (*at)->empty() ? close(at) : at + 1;
  for (const auto& chunk : chunks_) {
    if (!chunk->frozen) give_back_free_pages(system_, *chunk, woken_);
  }
  std::erase_if(stuck_aliases_, [&](AddressRange alias) { return system_.unmap(alias) == 0; });
}

std::optional<Pool::Place> Pool::find(AddressRange range) {
  const std::scoped_lock lock(lock_);
  const Chunk* chunk = chunk_at(range.lo);
  if (chunk == nullptr || !contains(chunk->run.range, range)) return std::nullopt;
  const std::uint64_t offset = range.lo - chunk->run.range.lo;
  if (!chunk->granules.is_used(static_cast<std::uint32_t>(offset / kGranule))) return std::nullopt;
  return Place{.pages = chunk->pages, .alias = chunk->way == Way::kAliased ? chunk->alias + offset : 0};
}

void Pool::note_divergence(std::uint64_t address) {
  const std::scoped_lock lock(lock_);
  if (Chunk* chunk = chunk_at(address)) chunk->diverged = true;
}

void Pool::count(MemoryUse& use) const {
  const std::scoped_lock lock(lock_);
  use.block_count += block_count_;
  use.granted += requested_;
  for (const auto& chunk : chunks_) {
    use.committed += align_up(chunk->touched, space_.page_size()) - chunk->away.count() * space_.page_size();
  }
}

std::vector<AddressRange> Pool::aliases() const {
  const std::scoped_lock lock(lock_);
  std::vector<AddressRange> all = stuck_aliases_;
  for (const auto& chunk : chunks_) {
    if (chunk->alias != 0) all.push_back({chunk->alias, chunk->alias + size_of(chunk->run.range)});
  }
  return all;
}

void Pool::freeze_in_parent() {
  for (const auto& chunk : chunks_) {
    if (chunk->way != Way::kAliased || chunk->empty()) continue;
    forget_alias(*chunk);
    chunk->stale = 0;  // what is staged is written whole
    freeze(*chunk);
  }
}

// The parent keeps its empty chunks, so the child does not.
void Pool::freeze_in_child() {
  for (auto at = chunks_.begin(); at != chunks_.end();) {
    Chunk& chunk = **at;
    if (chunk.way != Way::kAliased && chunk.alias == 0) {
      ++at;
      continue;
    }
    forget_alias(chunk);
    chunk.stale = 0;
    chunk.alias = 0;  // not inherited
    freeze(chunk);
    at = chunk.empty() ? close(at) : at + 1;
  }
  stuck_aliases_.clear();
}

}  // namespace enfold::memory
