// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_MEMORY_REWRITE_H_
#define ENFOLD_MEMORY_REWRITE_H_

#include <span>

#include <enfold/memory.h>

#include "memory/address_space.h"
#include "memory/pool.h"
#include "memory/views.h"

namespace enfold::memory {

// See MemoryProvider::rewrite. Words in aliased chunks are stored through the alias; all others, and those whose page a
// debugger has made a copy of, come with a changed copy of their page.
// Threads: takes the lock of `views`.
Expected<void> rewrite(Views& views, Pool& pool, const AddressSpace& space, std::span<const WordWrite> words);

}  // namespace enfold::memory

#endif  // ENFOLD_MEMORY_REWRITE_H_
