// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A window: address space without memory (PROT_NONE, MAP_NORESERVE), out of which blocks are taken page by page. The
// reservation keeps the neighbourhood of what the sets address for the sets, and makes "in range" a property of the
// window that planning may rely on before a block has an address.
#ifndef ENFOLD_MEMORY_WINDOW_H_
#define ENFOLD_MEMORY_WINDOW_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <enfold/memory.h>

#include "memory/system.h"

namespace enfold::memory {

// Book-keeping of the runs of one window. Adjacent free runs are one. First fit, and fast with thousands of live runs:
// for each power of two it remembers below which address no free run of that size starts, so that the small holes that
// blocks come and go in are not looked at again and again for large ones.
// Threads: the caller's lock.
// Units: sizes and addresses are multiples of the page size.
class Window {
 public:
  explicit Window(AddressRange range);

  AddressRange range() const { return range_; }
  // What trim() cut off behind it, to be reserved anew unless something else has come to lie there.
  AddressRange cut_off() const { return {range_.hi, limit_}; }
  void cut_off_until(std::uint64_t end) { limit_ = end; }  // as something has
  std::size_t live_count() const { return live_count_; }

  // The lowest free run inside `bounds` that starts at a multiple of `alignment` (a power of two).
  std::optional<AddressRange> find(AddressRange bounds, std::uint64_t size, std::uint64_t alignment);
  std::optional<AddressRange> allocate(AddressRange bounds, std::uint64_t size, std::uint64_t alignment);
  void free(AddressRange run) noexcept;

  // `more` was reserved, and lies right behind it. make_room() comes before; it throws std::bad_alloc.
  void make_room() { free_.reserve(live_count_ + 2); }
  void extend(AddressRange more) noexcept;

  // Gives up what is free at either end of it. What the system will not unmap stays.
  void trim(System& system) noexcept;

  bool is_free(std::uint64_t address) const;
  std::uint64_t taken() const { return taken_; }  // bytes

 private:
  std::vector<AddressRange>::iterator first_from(std::uint64_t address);
  void take(AddressRange run);
  std::uint64_t join(AddressRange run) noexcept;

  AddressRange range_;
  std::uint64_t limit_;  // its end, as it was reserved
  std::size_t live_count_ = 0;
  std::uint64_t taken_ = 0;
  std::array<std::uint64_t, 64> starts_;  // [k]: no free run of 2^k bytes or more starts below
  std::vector<AddressRange> free_;        // rising; room is kept for every free() to come, so that none has to allocate
};

// Returns 0 or an errno value: reserves exactly `range`, which has to be unused.
int reserve_addresses(System& system, AddressRange range);

// Makes a part of a reservation as it was when reserved: no access, no memory, zero when used again. False when the
// kernel refuses; the range must not be used again then. `anonymous`: no page of a file has been mapped there.
bool restore_reservation(System& system, AddressRange range, bool anonymous) noexcept;

}  // namespace enfold::memory

#endif  // ENFOLD_MEMORY_WINDOW_H_
