// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From a link's tables, which end with the link, to the set's record.
#ifndef ENFOLD_RUNTIME_RECORD_H_
#define ENFOLD_RUNTIME_RECORD_H_

#include "link_state.h"
#include "runtime/set_record.h"

namespace enfold {

// Functions to run at the set's beginning and end (gABI, "Initialization and Termination Functions"): preinit arrays,
// then init arrays from first to last; fini arrays from last to first. The bundles have them in order of priority.
// Reads the written image, before it is sealed.
void note_functions(const LinkState& link, SetRecord& set);

// What others see of the set, whom it depends on, and what they may share. The image is sealed.
void fill_record(LinkState& link, SetRecord& set);

}  // namespace enfold

#endif  // ENFOLD_RUNTIME_RECORD_H_
