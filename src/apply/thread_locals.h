// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What of a set is written for its thread-locals: the image that each thread's block begins with, before the block has a
// place, and the slots by which code gets at blocks, once it has.
#ifndef ENFOLD_APPLY_THREAD_LOCALS_H_
#define ENFOLD_APPLY_THREAD_LOCALS_H_

#include <enfold/error.h>

#include "link_state.h"

namespace enfold {

// Fills ThreadLocals::image. Addresses are assigned. Errors: kOutOfRange, all that are found.
Expected<void> write_thread_image(LinkState& link);

// ThreadLocals::modules are known.
void write_thread_slots(const LinkState& link);

}  // namespace enfold

#endif  // ENFOLD_APPLY_THREAD_LOCALS_H_
