// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_APPLY_WRITE_H_
#define ENFOLD_APPLY_WRITE_H_

#include <enfold/error.h>
#include <enfold/runtime.h>

#include "link_state.h"

namespace enfold {

// Copies each section into the reserved block and relocates it while it is in cache; writes stubs, slots and copied
// data. Slots of indirect functions stay null.
// Threads: sections of large sets are shared out among up to `thread_count` threads, the calling one included; 0 stands
// for as many as the process may run. Bytes, usage and errors are the same for any number.
// Errors: kOutOfRange, all that are found.
Expected<void> write_image(LinkState& link, unsigned thread_count);

// How many threads are worth starting for so many bytes and relocations, out of `wanted` as above.
unsigned threads_worth(std::uint64_t size, std::uint64_t relocation_count, unsigned wanted);

// Runs the resolvers of the set's own indirect functions and fills the slots that wait for them; Global::value of those
// that others may see becomes what was resolved. Code is sealed, RELRO is not.
void resolve_indirect_functions(LinkState& link, RuntimeHooks& runtime);

// Does the slot of a global hold its address for good, whatever becomes of other sets? After the above.
bool is_settled(const LinkState& link, const Need& slot);

// Adds to the link's usage what relocating used of the slots and stubs that were planned.
void count_usage(LinkState& link);

}  // namespace enfold

#endif  // ENFOLD_APPLY_WRITE_H_
