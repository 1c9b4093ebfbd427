// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_RUNTIME_COMMIT_H_
#define ENFOLD_RUNTIME_COMMIT_H_

#include <memory>

#include <enfold/error.h>

#include "link_state.h"
#include "runtime/set_record.h"

namespace enfold {

// Opens the shared libraries that the set names and that it uses, and tells the addresses that were not known before.
// Errors: kRuntime.
Expected<void> open_libraries(LinkState& link, SetRecord& set);

// Fills the record with what the live set needs of the link, and registers unwind tables and the set's exit handler.
// Errors: kRuntime; what was registered is in the record.
Expected<void> register_set(const LinkState& link, SetRecord& set);

}  // namespace enfold

#endif  // ENFOLD_RUNTIME_COMMIT_H_
