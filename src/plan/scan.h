// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Decodes every relocation of what is linked once and notes what it needs: nothing, a slot, a stub. Relaxations are
// taken into account by decide(), so the counts are those of the finished link.
#ifndef ENFOLD_PLAN_SCAN_H_
#define ENFOLD_PLAN_SCAN_H_

#include <optional>

#include <enfold/error.h>
#include <enfold/memory.h>

#include "link_state.h"

namespace enfold {

// What the relocations ask of the place of the set that its window does not offer.
struct PlaceDemand {
  bool low = false;                 // an address has to fit 31 or 32 bits
  std::optional<AddressRange> far;  // addressed directly and out of the window's reach: hull of the targets
  bool none() const { return !low && !far; }
};

// Scans the link for its window. When `last`, the window stays whatever is demanded: what it cannot serve is an error,
// or copied where SetOptions::copy_data allows.
// Errors: kMalformed, kUnsupported, kDiscarded, kOutOfRange, all that are found. Unresolved symbols are noted in
// LinkState::unresolved.
Expected<PlaceDemand> scan(LinkState& link, bool last);

}  // namespace enfold

#endif  // ENFOLD_PLAN_SCAN_H_
