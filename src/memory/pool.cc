// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "memory/pool.h"

#include <algorithm>
#include <bit>
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

}  // namespace

Way Pool::way(PageClass pages) const {
  if (pages == PageClass::kData) return Way::kInPlace;
  return kind_ == MemoryKind::kAliased ? Way::kAliased : Way::kStaged;
}

std::optional<PoolGrants> Pool::grant(AddressRange within, const PoolNeeds& needs) {
  std::optional<PoolGrants> grants(std::in_place);
  const std::scoped_lock lock(mutex_);
  for (std::size_t i = 0; i < kPageClasses; ++i) {
    if (needs[i].size == 0 || grant_one(static_cast<PageClass>(i), within, needs[i], (*grants)[i])) continue;
    for (std::size_t undone = 0; undone < i; ++undone) take_back_one((*grants)[undone].range);
    grants.reset();
    break;
  }
  return grants;
}

bool Pool::grant_one(PageClass pages, AddressRange within, const PoolNeed& need, PoolGrant& got) {
  if (grant_old(pages, within, need, false, got)) return true;
  // Each fork leaves a chunk that is never filled. A process that forks again and again must not fill its window so.
  const bool try_frozen = frozen_count(pages, within) >= kFrozenEnough;
  if (try_frozen && grant_old(pages, within, need, true, got)) return true;
  if (grant_new(pages, within, need, got)) return true;
  return !try_frozen && grant_old(pages, within, need, true, got);
}

bool Pool::grant_old(PageClass pages, AddressRange within, const PoolNeed& need, bool frozen, PoolGrant& got) {
  const auto fits = [&](const Chunk& chunk) {
    return chunk.pages == pages && is_frozen(chunk) == frozen && chunk.granules.may_have(granules(need.size)) &&
           contains(within, chunk.run.range);
  };
  Chunk*& current = current_[static_cast<std::size_t>(pages)];
  if (current != nullptr && fits(*current) && grant_in(*current, need, got)) return true;
  for (const auto& chunk : chunks_) {
    if (chunk.get() == current || !fits(*chunk) || !grant_in(*chunk, need, got)) continue;
    current = chunk.get();
    return true;
  }
  return false;
}

bool Pool::grant_new(PageClass pages, AddressRange within, const PoolNeed& need, PoolGrant& got) {
  const std::uint64_t least = align_up(need.size + kGranule * 4 + need.alignment, space_.page_size());
  for (std::uint64_t size = std::max(chunk_size(within), std::bit_ceil(least)); size >= least; size /= 2) {
    Expected<std::unique_ptr<Chunk>> chunk = open_chunk(system_, space_, pages, way(pages), within, size);
    if (!chunk) {
      if (size_of(within) < size || size <= kLeastChunk) return false;
      continue;
    }
    Chunk& opened = **chunk;
    const auto above = [&](const auto& c) { return c->run.range.lo > opened.run.range.lo; };
    chunks_.insert(std::ranges::find_if(chunks_, above), *std::move(chunk));
    rest(std::exchange(current_[static_cast<std::size_t>(pages)], &opened));
    return grant_in(opened, need, got);
  }
  return false;
}

// The pages of a full chunk need not be mapped in its alias, where they would count as resident a second time.
void Pool::rest(const Chunk* full) noexcept {
  if (full == nullptr || full->alias == 0) return;
  system_.advise({full->alias, full->alias + size_of(full->run.range)}, MADV_DONTNEED);
}

bool Pool::grant_in(Chunk& chunk, const PoolNeed& need, PoolGrant& got) {
  const auto alignment = static_cast<std::uint32_t>(need.alignment / kGranule);
  const std::optional<std::uint32_t> first = chunk.granules.take(granules(need.size), alignment);
  if (!first) return false;
  const std::uint64_t offset = *first * kGranule;
  got.range = {chunk.run.range.lo + offset, chunk.run.range.lo + offset + need.size};
  if (offset + need.size > chunk.touched) reach(system_, chunk, offset + need.size);
  if (chunk.way == Way::kAliased) got.working = reinterpret_cast<std::byte*>(chunk.alias + offset);
  if (chunk.way == Way::kInPlace) got.working = reinterpret_cast<std::byte*>(got.range.lo);
  return true;
}

std::size_t Pool::frozen_count(PageClass pages, AddressRange within) const {
  return static_cast<std::size_t>(std::ranges::count_if(chunks_, [&](const auto& chunk) {
    return chunk->pages == pages && is_frozen(*chunk) && contains(within, chunk->run.range);
  }));
}

Chunk* Pool::chunk_at(std::uint64_t address) {
  const auto above = std::ranges::upper_bound(chunks_, address, {}, [](const auto& c) { return c->run.range.lo; });
  if (above == chunks_.begin() || address >= (*(above - 1))->run.range.hi) return nullptr;
  return (above - 1)->get();
}

void Pool::take_back(const PoolGrants& grants) noexcept {
  const std::scoped_lock lock(mutex_);
  for (const PoolGrant& grant : grants) take_back_one(grant.range);
}

void Pool::take_back_one(AddressRange range) noexcept {
  if (size_of(range) == 0) return;
  Chunk& chunk = *chunk_at(range.lo);
  clear(system_, chunk, range, space_.page_size());
  chunk.granules.free(static_cast<std::uint32_t>((range.lo - chunk.run.range.lo) / kGranule), granules(size_of(range)));
  // Holes are filled before chunks above them, so that those can empty.
  Chunk*& current = current_[static_cast<std::size_t>(chunk.pages)];
  if (current == nullptr || chunk.run.range.lo < current->run.range.lo) current = &chunk;
  if (!chunk.empty()) return;
  if (is_spare(chunk)) return shrink(system_, chunk);
  close(std::ranges::find_if(chunks_, [&](const auto& c) { return c.get() == &chunk; }));
}

// Whether an empty chunk is worth keeping: the only one of its kind in its window, and as good as new.
bool Pool::is_spare(const Chunk& chunk) const {
  if (is_frozen(chunk) || chunk.diverged) return false;
  return std::ranges::none_of(chunks_, [&](const auto& other) {
    return other.get() != &chunk && other->pages == chunk.pages && other->run.window == chunk.run.window &&
           other->empty();
  });
}

Pool::Chunks::iterator Pool::close(Chunks::iterator at) noexcept {
  const Chunk& chunk = **at;
  if (!close_chunk(system_, space_, chunk)) {
    stuck_aliases_.push_back({chunk.alias, chunk.alias + size_of(chunk.run.range)});
  }
  Chunk*& current = current_[static_cast<std::size_t>(chunk.pages)];
  if (current == &chunk) current = nullptr;
  return chunks_.erase(at);
}

void Pool::trim() noexcept {
  const std::scoped_lock lock(mutex_);
  for (auto at = chunks_.begin(); at != chunks_.end();) at = (*at)->empty() ? close(at) : at + 1;
  std::erase_if(stuck_aliases_, [&](AddressRange alias) { return system_.unmap(alias) == 0; });
}

std::optional<Pool::Place> Pool::find(AddressRange range) {
  const std::scoped_lock lock(mutex_);
  const Chunk* chunk = chunk_at(range.lo);
  if (chunk == nullptr || !contains(chunk->run.range, range)) return std::nullopt;
  const std::uint64_t offset = range.lo - chunk->run.range.lo;
  if (!chunk->granules.is_used(static_cast<std::uint32_t>(offset / kGranule))) return std::nullopt;
  return Place{.pages = chunk->pages, .alias = chunk->way == Way::kAliased ? chunk->alias + offset : 0};
}

void Pool::note_divergence(std::uint64_t address) {
  const std::scoped_lock lock(mutex_);
  if (Chunk* chunk = chunk_at(address)) chunk->diverged = true;
}

std::uint64_t Pool::committed() const {
  const std::scoped_lock lock(mutex_);
  std::uint64_t size = 0;
  for (const auto& chunk : chunks_) size += align_up(chunk->touched, space_.page_size());
  return size;
}

std::vector<AddressRange> Pool::aliases() const {
  const std::scoped_lock lock(mutex_);
  std::vector<AddressRange> all = stuck_aliases_;
  for (const auto& chunk : chunks_) {
    if (chunk->alias != 0) all.push_back({chunk->alias, chunk->alias + size_of(chunk->run.range)});
  }
  return all;
}

void Pool::freeze_in_parent() {
  for (const auto& chunk : chunks_) {
    if (chunk->way == Way::kAliased && !chunk->empty()) chunk->way = Way::kStaged;
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
    chunk.alias = 0;  // not inherited
    chunk.way = Way::kStaged;
    at = chunk.empty() ? close(at) : at + 1;
  }
  stuck_aliases_.clear();
}

}  // namespace enfold::memory
