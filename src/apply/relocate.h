// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_APPLY_RELOCATE_H_
#define ENFOLD_APPLY_RELOCATE_H_

#include <enfold/error.h>
#include <enfold/linked_set.h>

#include "diagnostics.h"
#include "link_state.h"

namespace enfold {

// Applies the fixups of one section, whose bytes are in place. Every value is checked against its row's range; what
// does not fit is left as it was and reported. Counts what it rewrites in `usage`, and marks the needs that it uses.
// Threads: several sections of a link may be relocated at the same time; counts and findings are each caller's own.
void relocate_section(LinkState& link, ObjectIndex object, SectionIndex section, Usage& usage,
                      Diagnostics& diagnostics);

}  // namespace enfold

#endif  // ENFOLD_APPLY_RELOCATE_H_
