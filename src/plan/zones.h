// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Zones. Code refers to data and slots at distances that its instructions can hold, +-2 GiB on x86-64. A set that spans
// less is one zone. A larger one is cut, between objects, into zones that each have sections, slots and stubs of their
// own; what crosses goes through them:
//
//   | R | RX | RELRO | RW | bss      |  R | RX | RELRO | RW | bss      |
//   |<-------- zone 0 -------------->|<-------- zone 1 -------------->|
//
// An object is never cut: its code holds the address of one GOT only.
#ifndef ENFOLD_PLAN_ZONES_H_
#define ENFOLD_PLAN_ZONES_H_

#include <cstdint>

#include "link_state.h"

namespace enfold {

// Assigns objects to zones and marks huge sections. Returns an upper bound of the set's span in bytes.
std::uint64_t assign_zones(LinkState& link);

// Fills Object::facts: what decide() may rely on. Fixed from here on.
void establish_facts(LinkState& link);

}  // namespace enfold

#endif  // ENFOLD_PLAN_ZONES_H_
