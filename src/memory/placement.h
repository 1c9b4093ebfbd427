// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where a window goes. Code addresses what it does not know the place of by displacements that span `reach` bytes each
// way (x86-64: 2^31; AArch64 branches: 2^27), so the window is laid where all of it reaches all of what its sets will
// address:
//
//    [hi - reach, lo + reach)       what reaches every byte of an anchor [lo, hi), less a margin for addends
//
//    ...|    window    | guard | libraries: libc, libstdc++, ... |  room for the stack  |[stack]
//
// Below the anchor is preferred: mappings come and grow above it (the stack above libraries, the heap above an
// executable). Nothing here touches the process; a window's place is a function of the address map.
#ifndef ENFOLD_MEMORY_PLACEMENT_H_
#define ENFOLD_MEMORY_PLACEMENT_H_

#include <cstdint>
#include <optional>
#include <span>

#include <enfold/memory.h>

#include "memory/address_map.h"

namespace enfold::memory {

// Windows start and end at multiples of this, so that a page-table page, or a huge page, belongs to one of them.
inline constexpr std::uint64_t kWindowUnit = 2 << 20;

// `reach` as given, or that of the commonest architecture where none is given.
std::uint64_t effective_reach(const Constraint& constraint);

// The addresses from which every byte of `anchor` is in reach; nothing when the anchor is too large.
std::optional<AddressRange> reachable(AddressRange anchor, std::uint64_t reach);

// The shared libraries around libc: a range that holds it and its neighbours, as many as fit into a quarter of `reach`.
// Where there are none (a static executable), the mapped file that `code` lies in.
std::optional<AddressRange> library_hull(const AddressMap& map, std::uint64_t reach, std::uint64_t code);

// The place of a new window.
struct SiteRequest {
  AddressRange allowed{};    // it must lie inside
  AddressRange anchor{};     // and should lie just below, or else just above
  std::uint64_t wanted = 0;  // bytes; halved down to `least` where there is no room for more
  std::uint64_t least = 0;
  std::uint64_t needed = 0;  // bytes; what it must have
};

// Bytes that a window for sets of `span` bytes asks for, by the shortest reach of the code in it.
SiteRequest default_sizes(Constraint::Kind kind, std::uint64_t reach, std::uint64_t span);

// The largest site that the gaps and RLIMIT_AS allow, and among equals the nearest to the anchor.
std::optional<AddressRange> choose_site(const AddressMap& map, const SiteRequest& request);

}  // namespace enfold::memory

#endif  // ENFOLD_MEMORY_PLACEMENT_H_
