// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A new version of a set goes on with the variables of the old one: sections of writable data that are the same in both
// are not laid out again, but taken to lie where the old version has them. A default compilation puts all variables of
// an object into .data and .bss, which is why a section is recognised by what is in it; -fdata-sections gives each a
// section of its own. Global variables are recognised one by one where their section is not the same.
#ifndef ENFOLD_RUNTIME_KEEP_STATE_H_
#define ENFOLD_RUNTIME_KEEP_STATE_H_

#include <memory>

#include "link_state.h"
#include "runtime/kept_state.h"

namespace enfold {

// Finds in `old` what the set's objects have as well. After bind, before anything asks which sections are in the image.
void keep_state(LinkState& link, const std::shared_ptr<SetRecord>& old);

// The same for thread-locals, which are kept all or none: threads have one block of them. What is left out of the image
// is known by now.
void keep_thread_storage(LinkState& link, const std::shared_ptr<SetRecord>& old);

// What a version to come may go on with. Addresses are assigned.
std::unique_ptr<KeptState> describe_state(const LinkState& link);

}  // namespace enfold

#endif  // ENFOLD_RUNTIME_KEEP_STATE_H_
