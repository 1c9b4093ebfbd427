// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where the set will lie. A set is scanned for the window near the process's libraries first, which suits what default
// compiler flags emit; what the relocations demand instead decides the next window:
//
//   32-bit addresses of the set's own code and data    -> below 2 GiB
//   direct addressing of data that is out of reach     -> near that data
#ifndef ENFOLD_PLAN_PLACE_H_
#define ENFOLD_PLAN_PLACE_H_

#include <cstdint>

#include <enfold/error.h>
#include <enfold/memory.h>

#include "link_state.h"

namespace enfold {

// Settles LinkState::window and scans for it. `span` is an upper bound of the set's size in bytes.
// Errors: those of scan; kMemory.
Expected<void> settle_place(LinkState& link, MemoryProvider& memory, std::uint64_t span);

// Once the set's libraries are loaded: do they lie where the plan took them to come to lie?
bool libraries_are_near(const LinkState& link);
// What was not known of them before is from here on: facts, and with them the scan, are to be settled anew.
void learn_libraries(LinkState& link);

}  // namespace enfold

#endif  // ENFOLD_PLAN_PLACE_H_
