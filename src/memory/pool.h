// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The chunks of one provider. A small block gets a run of granules in a chunk of each kind of page that it needs, all
// inside the range that it was located in: no system call, no mapping, no page of its own.
//
// One empty chunk a kind and window is kept for the next block; others go back to the window.
#ifndef ENFOLD_MEMORY_POOL_H_
#define ENFOLD_MEMORY_POOL_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <enfold/memory.h>

#include "lock.h"
#include "memory/address_space.h"
#include "memory/chunk.h"
#include "memory/system.h"

namespace enfold::memory {

// What a block needs of one kind of page, and what it is granted.
struct PoolShare {
  std::uint64_t size = 0;  // bytes; 0: none
  std::uint64_t alignment = kGranule;
  std::uint64_t base = 0;        // granted: the first byte
  std::byte* working = nullptr;  // granted; null: the caller's to provide, and to be written by force

  AddressRange range() const { return {base, base + size}; }
};

// A block's.
struct PoolShares {
  std::array<PoolShare, kPageClasses> by_class{};
  std::uint64_t requested = 0;  // bytes of the segments that lie in them

  PoolShare& of(PageClass pages) { return by_class[static_cast<std::size_t>(pages)]; }
  PoolShare& of(Protection protection) { return of(page_class(protection)); }
};

// Threads: all functions may be called from several threads at once, but those for forks, which ask for the lock.
class Pool {
 public:
  // Ownership: `system` and `space` are borrowed.
  Pool(System& system, AddressSpace& space, MemoryKind kind) : system_(system), space_(space), kind_(kind) {}
  ~Pool() { trim(); }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // All of a block's shares, or none and false: no room, or the kernel gives no more.
  bool grant(AddressRange within, PoolShares& shares);

  // Zeroes what can be written, so that what was code there does not linger.
  void take_back(const PoolShares& shares) noexcept;

  // Gives up empty chunks, and pages of others that hold nothing.
  void trim() noexcept;

  // Of the chunk that `range` lies in and is granted in. Nothing: there is none.
  struct Place {
    PageClass pages = PageClass::kConstant;
    std::uint64_t alias = 0;  // of the range's first byte; 0: not to be written through one
  };
  std::optional<Place> find(AddressRange range);

  // The page that `address` lies in does not follow the alias any more.
  void note_divergence(std::uint64_t address);

  // Adds its own.
  void count(MemoryUse& use) const;
  std::vector<AddressRange> aliases() const;

  // Around a fork. In both processes, with the lock held: aliases are not written from here on.
  void lock() { lock_.lock(); }
  void unlock() { lock_.unlock(); }
  void freeze_in_parent();
  void freeze_in_child();

 private:
  using Chunks = std::vector<std::unique_ptr<Chunk>>;

  // All with the lock held.
  bool grant_roomy(PageClass pages, AddressRange within, PoolShare& share);
  bool grant_elsewhere(PageClass pages, AddressRange within, PoolShare& share);
  bool grant_old(PageClass pages, AddressRange within, PoolShare& share, bool frozen);
  bool grant_new(PageClass pages, AddressRange within, PoolShare& share);
  bool grant_in(Chunk& chunk, AddressRange within, bool frozen, PoolShare& share);
  void take_back_first(std::size_t count, const PoolShares& shares) noexcept;
  void take_back_one(PageClass pages, const PoolShare& share) noexcept;
  Way way(PageClass pages) const;
  void wake(Chunk& chunk, std::uint64_t offset) noexcept;
  void wake_for(Chunk& chunk, AddressRange offsets) noexcept;
  bool wake_to_clear(Chunk& chunk, std::uint64_t offset, std::uint64_t size) noexcept;
  bool is_current(const Chunk& chunk) const;
  void forget_alias(Chunk& chunk) noexcept;
  void make_spare(Chunk& chunk) noexcept;
  std::size_t frozen_count(PageClass pages, AddressRange within) const;
  Chunk* chunk_at(std::uint64_t address);
  bool is_spare(const Chunk& chunk) const;
  Chunks::iterator close(Chunks::iterator at) noexcept;

  System& system_;
  AddressSpace& space_;
  const MemoryKind kind_;
  mutable Lock lock_;
  Chunks chunks_;                               // by rising addresses
  std::array<Chunk*, kPageClasses> current_{};  // where to look first
  std::vector<AddressRange> stuck_aliases_;     // that the kernel did not unmap
  std::uint32_t woken_ = 0;                     // stretches of aliases that were mapped again, of all chunks
  std::size_t next_to_rest_ = 0;                // index of a chunk, or past the last
  std::uint64_t block_count_ = 0;               // granted and not taken back
  std::uint64_t requested_ = 0;                 // their bytes
};

}  // namespace enfold::memory

#endif  // ENFOLD_MEMORY_POOL_H_
