// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where everything of the set lies, relative to its segments. Each zone is laid out as a dynamic linker would map an
// image; a segment begins on a page of its own where protections differ:
//
//   R      unwind tables (contiguous, one terminator), constants
//   RX     code, stubs
//   RELRO  slots, initialiser arrays in the order they run, .data.rel.ro
//   RW     data, copied data, bss: small first, huge last
//   R, RW  large sections, which nothing addresses directly
#ifndef ENFOLD_PLAN_LAYOUT_H_
#define ENFOLD_PLAN_LAYOUT_H_

#include <cstdint>

#include <enfold/error.h>

#include "link_state.h"

namespace enfold {

// Fills sections', needs' and bundles' places and LinkState::segments. Sizes are final from here on.
void lay_out(LinkState& link);

// Puts sections of bundles into their bundles, in the order in which they run. After zones, before facts.
// Errors: kUnsupported when a bundle would have to be writable and executable.
Expected<void> gather_bundles(LinkState& link);

}  // namespace enfold

#endif  // ENFOLD_PLAN_LAYOUT_H_
