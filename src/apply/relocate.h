// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_APPLY_RELOCATE_H_
#define ENFOLD_APPLY_RELOCATE_H_

#include <cstdint>

#include "diagnostics.h"
#include "link_state.h"

namespace enfold {

// What came of writing a part of the set.
struct Outcome {
  std::uint64_t written_size = 0;   // bytes
  std::uint64_t relaxed_count = 0;  // instructions that were rewritten
  Diagnostics diagnostics{};
};

// Applies the fixups of one section, whose bytes are in place. Every value is checked against its row's range; what
// does not fit is left as it was and reported. Counts what it rewrites, and marks the needs that it uses.
// Threads: several sections of a link may be relocated at the same time, each with an outcome of its caller's.
void relocate_section(LinkState& link, const Object& object, SectionIndex section, Outcome& outcome);

}  // namespace enfold

#endif  // ENFOLD_APPLY_RELOCATE_H_
