// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "memory/chunk.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include <sys/mman.h>

#include "memory/range.h"

namespace enfold::memory {
namespace {

// UBSan reads the bytes before a function, where a compiler may have put its type.
constexpr std::uint64_t kCodeLead = 64;

// A larger hole is given back to the system instead of being written with zeros.
constexpr std::uint64_t kClearByHand = 16 << 10;

int map_alias(System& system, int file, std::uint64_t size, std::uint64_t& alias) {
  if (const int failure = system.map_anywhere(size, PROT_READ | PROT_WRITE, MAP_SHARED, file, alias)) return failure;
  const int failure = system.advise({alias, alias + size}, MADV_DONTFORK);
  if (failure != 0) system.unmap({alias, alias + size});
  return failure;
}

int map_twice(System& system, Chunk& chunk) {
  const AddressRange run = chunk.run.range;
  std::uint64_t alias = 0;
  int file = -1;
  if (const int failure = system.create_file("enfold", size_of(run), file)) return failure;
  int failure = map_alias(system, file, size_of(run), alias);
  if (failure == 0) {
    failure = system.map(run, final_protection(chunk.pages), MAP_PRIVATE | MAP_FIXED, file, 0);
    if (failure != 0) system.unmap({alias, alias + size_of(run)});
  }
  system.close_file(file);
  if (failure == 0) chunk.alias = alias;
  return failure;
}

int map_chunk(System& system, Chunk& chunk) {
  constexpr int kPrivate = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE;
  switch (chunk.way) {
    case Way::kAliased:
      return map_twice(system, chunk);
    // A fresh mapping: mprotect may not make pages executable where kernels forbid it.
    case Way::kStaged:
      return system.map(chunk.run.range, final_protection(chunk.pages), kPrivate, -1, 0);
    case Way::kInPlace:
      break;
  }
  return system.protect(chunk.run.range, PROT_READ | PROT_WRITE);
}

}  // namespace

int final_protection(PageClass pages) {
  switch (pages) {
    case PageClass::kCode:
      return PROT_READ | PROT_EXEC;
    case PageClass::kConstant:
      return PROT_READ;
    case PageClass::kData:
      break;
  }
  return PROT_READ | PROT_WRITE;
}

Chunk::Chunk(PageClass pages_, Way way_, Run run_)
    : pages(pages_), way(way_), run(run_), granules(static_cast<std::uint32_t>(size_of(run_.range) / kGranule)) {
  run.anonymous = way != Way::kAliased;
  if (pages != PageClass::kCode) return;
  own = kCodeLead / kGranule;
  granules.take(own, 1);
}

Expected<std::unique_ptr<Chunk>> open_chunk(System& system, AddressSpace& space, PageClass pages, Way way,
                                            AddressRange within, std::uint64_t size) {
  Expected<Run> run = space.acquire(within, size, space.page_size());
  if (!run) return std::unexpected(std::move(run).error());
  RunGuard guard(space, *run);
  auto chunk = std::make_unique<Chunk>(pages, way, *run);
  if (const int failure = map_chunk(system, *chunk)) {
    return std::unexpected(system_error("mmap", chunk->run.range, failure));
  }
  guard.keep();
  return chunk;
}

bool close_chunk(System& system, AddressSpace& space, const Chunk& chunk) noexcept {
  space.release(chunk.run);
  return chunk.alias == 0 || system.unmap({chunk.alias, chunk.alias + size_of(chunk.run.range)}) == 0;
}

void reach(System& system, Chunk& chunk, std::uint64_t end, std::uint32_t& woken) noexcept {
  if (end <= chunk.touched) return;
  const std::uint64_t before = align_down(chunk.touched, kSpareSize);
  chunk.touched = end;
  if (end <= kSpareSize || chunk.way == Way::kStaged) return;
  chunk.touched = std::min(align_up(end, std::min(std::bit_floor(end), kStretch)), size_of(chunk.run.range));
  const bool aliased = chunk.way == Way::kAliased;
  const std::uint64_t lo = aliased ? chunk.alias : chunk.run.range.lo;
  system.advise({lo + before, lo + chunk.touched}, kPopulateWrite);
  if (aliased && before != 0) rest(system, chunk, before, woken);
}

void rest(System& system, Chunk& chunk, std::uint64_t end, std::uint32_t& woken) noexcept {
  system.advise({chunk.alias, chunk.alias + end}, MADV_DONTNEED);
  chunk.resting = end;
  woken -= static_cast<std::uint32_t>(std::popcount(std::exchange(chunk.woken, 0)));
}

void wake(System& system, Chunk& chunk, std::uint64_t offset, std::uint32_t& woken) noexcept {
  static_assert(kChunkSize / kStretch <= 64);
  const std::uint64_t lo = align_down(offset, kStretch);
  chunk.woken |= stretch_bit(offset);
  ++woken;
  system.advise({chunk.alias + lo, chunk.alias + std::min(lo + kStretch, chunk.touched)}, kPopulateWrite);
}

void clear_in_place(System& system, AddressRange bytes) noexcept {
  const auto zero = [](std::uint64_t lo, std::uint64_t hi) { std::memset(reinterpret_cast<void*>(lo), 0, hi - lo); };
  if (size_of(bytes) < kClearByHand) return zero(bytes.lo, bytes.hi);
  const std::uint64_t page_size = system.page_size();
  const AddressRange whole{align_up(bytes.lo, page_size), align_down(bytes.hi, page_size)};
  if (size_of(whole) < kClearByHand || system.advise(whole, MADV_DONTNEED) != 0) return zero(bytes.lo, bytes.hi);
  zero(bytes.lo, whole.lo);
  zero(whole.hi, bytes.hi);
}

void zero_stale(Chunk& chunk, AddressRange offsets) noexcept {
  for (std::uint64_t lo = offsets.lo, hi = 0; lo < offsets.hi; lo = hi) {
    hi = std::min(offsets.hi, align_down(lo, kStretch) + kStretch);
    if ((chunk.stale & stretch_bit(lo)) == 0) continue;
    std::memset(reinterpret_cast<void*>(chunk.alias + lo), 0, hi - lo);
  }
}

void give_back_free_pages(System& system, Chunk& chunk, std::uint32_t& woken) noexcept {
  const bool aliased = chunk.way == Way::kAliased;
  const std::uint64_t page = system.page_size(), end = align_up(chunk.touched, page);
  const std::uint64_t base = aliased ? chunk.alias : chunk.run.range.lo;
  if (aliased) rest(system, chunk, end, woken);
  for (std::uint64_t lo = 0, hi = 0; lo < end; lo = hi + page) {
    const auto is_free = [&](std::uint64_t at) {
      return chunk.granules.all_free(static_cast<std::uint32_t>(at / kGranule),
                                     static_cast<std::uint32_t>(page / kGranule));
    };
    for (hi = lo; hi < end && is_free(hi);) hi += page;
    if (hi == lo || system.advise({base + lo, base + hi}, aliased ? MADV_REMOVE : MADV_DONTNEED) != 0) continue;
    for (std::uint64_t at = lo; at < hi; at += page) chunk.away.set(at / page);
    chunk.any_away = true;
  }
}

void note_present(System& system, Chunk& chunk, AddressRange offsets) noexcept {
  const std::uint64_t page = system.page_size();
  for (std::uint64_t at = align_down(offsets.lo, page); at < offsets.hi; at += page) chunk.away.reset(at / page);
  chunk.any_away = chunk.away.any();
}

void shrink(System& system, Chunk& chunk) noexcept {
  const bool aliased = chunk.way == Way::kAliased;
  const std::uint64_t lo = aliased ? chunk.alias : chunk.run.range.lo;
  if (chunk.stale != 0) std::memset(reinterpret_cast<void*>(lo), 0, std::min(chunk.touched, kSpareSize));
  if (chunk.touched <= kSpareSize) chunk.stale = 0;
  if (chunk.touched <= kSpareSize) return;
  const AddressRange tail{lo + kSpareSize, lo + size_of(chunk.run.range)};
  // All zero already, or noted as stale: a refusal costs memory and nothing else.
  if (system.advise(tail, aliased ? MADV_REMOVE : MADV_DONTNEED) != 0) return;
  chunk.touched = kSpareSize;
  chunk.stale = 0;
}

}  // namespace enfold::memory
