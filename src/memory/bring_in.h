// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Pages for what is about to be written. A fault takes many times as long as filling the page does: 900 KiB, copied into
// fresh pages, took 0.42 ms with a fault for each, 0.24 ms with all of them brought in by one call, and 0.08 ms with a
// large page, where the system has those (Linux: transparent huge pages, asked for with MADV_HUGEPAGE).
#ifndef ENFOLD_MEMORY_BRING_IN_H_
#define ENFOLD_MEMORY_BRING_IN_H_

#include <cstdint>

#include <enfold/memory.h>

#include "large_memory.h"
#include "memory/system.h"

namespace enfold::memory {

// From so many bytes on a large page is faster than the small ones it stands for, though all of it has to be cleared.
inline constexpr std::uint64_t kWorthLargePage = kLargePage * 3 / 8;

// `written`: writable pages that will all be written soon; zero-filled ones are left to those who touch them. `block` is
// what belongs to the block, and `run` what is had of the window: the rest of it has no access, before and after.
// Whole large pages are left to whoever writes them first, as several threads may. Where the last one is written in part
// only, the other part's memory goes back at once.
// Errors: 0, or the errno value of a call that left `run` writable outside the block. What else the system refuses is
// done page by page when it is written.
int bring_in_block(System& system, AddressRange written, AddressRange block, AddressRange run);

}  // namespace enfold::memory

#endif  // ENFOLD_MEMORY_BRING_IN_H_
