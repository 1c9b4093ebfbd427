// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A chunk: pages of one protection that small blocks share. The views of a chunk that code runs from or reads through
// are never writable, so what comes to lie there arrives by other ways:
//
//   kAliased   pages of a file in memory, mapped twice: what is written to the alias is seen in the run view
//
//                alias     MAP_SHARED   rw-        anywhere
//                run view  MAP_PRIVATE  r-- | r-x  in the window
//
//              Private, so that a debugger can set breakpoints: its writes copy the page, which then no longer follows
//              the alias. Whoever seals looks whether the run view shows what was written.
//   kStaged    private pages; what is to lie there is put together elsewhere and written by force
//   kInPlace   writable data, private
//
// After a fork both processes see the file's pages, so that a write to the alias in one would change the code of the
// other. From the fork on, an aliased chunk with blocks in it is kStaged in both: forced writes copy the page. The
// alias stays mapped in the parent only (MADV_DONTFORK), for the blocks that other threads were writing at that moment:
// no live block of the child has those bytes. All that was granted before keeps running in both processes, because
// nothing else of the file changes any more.
#ifndef ENFOLD_MEMORY_CHUNK_H_
#define ENFOLD_MEMORY_CHUNK_H_

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>

#include <enfold/memory.h>

#include "memory/address_space.h"
#include "memory/granules.h"
#include "memory/system.h"

namespace enfold::memory {

inline constexpr std::uint64_t kGranule = 16;
inline constexpr std::uint64_t kChunkSize = 1 << 20;
inline constexpr std::uint64_t kStretch = 64 << 10;
inline constexpr std::uint64_t kLeastPage = 4 << 10;   // of a system
inline constexpr std::uint32_t kMostWoken = 64;        // stretches, of all chunks of a provider
inline constexpr std::uint64_t kSpareSize = 16 << 10;  // of an empty chunk, kept for the next block

enum class PageClass : std::uint8_t { kCode, kConstant, kData };
inline constexpr std::size_t kPageClasses = 3;

// By Protection.
inline constexpr std::array kPageClassOf = {PageClass::kConstant, PageClass::kCode, PageClass::kConstant,
                                            PageClass::kData};
constexpr PageClass page_class(Protection protection) { return kPageClassOf[static_cast<std::size_t>(protection)]; }
int final_protection(PageClass pages);  // PROT_READ, ...

enum class Way : std::uint8_t { kAliased, kStaged, kInPlace };

struct Chunk {
  Chunk(PageClass pages, Way way, Run run);

  PageClass pages;
  Way way;
  Run run;
  std::uint64_t alias = 0;    // the writable view; 0: none
  std::uint64_t touched = 0;  // bytes from the start; no page above has held anything
  std::uint64_t resting = 0;  // bytes from the start: their alias was unmapped
  std::uint64_t woken = 0;    // a bit for each stretch of them: and was mapped again
  std::uint64_t stale = 0;    // a bit for each stretch: it has free bytes that were not cleared
  std::bitset<kChunkSize / kLeastPage> away;  // pages that were given back when they held nothing, and hold nothing yet
  bool any_away = false;
  bool frozen = false;        // kAliased until a fork
  bool diverged = false;      // some page of the run view may not follow the alias
  std::uint32_t own = 0;      // granules that are never granted
  Granules granules;

  bool roomy() const { return granules.free_count() >= granules.count() / 16; }
  bool half_empty() const { return granules.free_count() >= granules.count() / 2; }
  bool empty() const { return granules.used_count() == own; }
};

// `size` bytes inside `within`, a multiple of the page size.
Expected<std::unique_ptr<Chunk>> open_chunk(System& system, AddressSpace& space, PageClass pages, Way way,
                                            AddressRange within, std::uint64_t size);

// Returns false where the alias could not be unmapped; it is the caller's then.
bool close_chunk(System& system, AddressSpace& space, const Chunk& chunk) noexcept;

// Before the first `end` bytes are written. Once a chunk fills, its next pages are brought in a stretch at a time, not
// each when it is touched: at most as much again as is in use, and at most kStretch. `woken`: stretches of all chunks.
void reach(System& system, Chunk& chunk, std::uint64_t end, std::uint32_t& woken) noexcept;

// The pages of an aliased chunk's first `end` bytes, which are full, need not be mapped in the alias, where they would
// count as resident a second time.
void rest(System& system, Chunk& chunk, std::uint64_t end, std::uint32_t& woken) noexcept;

// Before a block there is written or released: others beside it will be, too, so that their pages are mapped together,
// not each by a fault. Whoever sees more than kMostWoken lays some to rest.
void wake(System& system, Chunk& chunk, std::uint64_t offset, std::uint32_t& woken) noexcept;
constexpr std::uint64_t stretch_bit(std::uint64_t offset) { return std::uint64_t{1} << offset / kStretch; }
inline bool is_asleep(const Chunk& chunk, std::uint64_t offset) {
  return offset < chunk.resting && (chunk.woken & stretch_bit(offset)) == 0;
}

// Zeroes what a released block held, where those who are granted it next will find it: what is staged is written whole
// then.
void clear_in_place(System& system, AddressRange bytes) noexcept;
inline void clear(System& system, Chunk& chunk, std::uint64_t offset, std::uint64_t size) noexcept {
  const std::uint64_t lo = chunk.run.range.lo + offset;
  if (chunk.way == Way::kAliased) {
    std::memset(reinterpret_cast<void*>(chunk.alias + offset), 0, size);
  }
  if (chunk.way == Way::kInPlace) clear_in_place(system, {lo, lo + size});
}

// Gives back the pages that hold nothing, and lays the alias of those that do to rest.
void give_back_free_pages(System& system, Chunk& chunk, std::uint32_t& woken) noexcept;

// What was released there and not cleared is granted again: zeroes it.
void zero_stale(Chunk& chunk, AddressRange offsets) noexcept;

// Something comes to lie there.
void note_present(System& system, Chunk& chunk, AddressRange offsets) noexcept;

// Gives an empty chunk's memory back, but for its first kSpareSize bytes, which it zeroes.
void shrink(System& system, Chunk& chunk) noexcept;

}  // namespace enfold::memory

#endif  // ENFOLD_MEMORY_CHUNK_H_
