// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The block that carriers are placed in, as a start-up thread-local of whatever this is linked into. Every thread of
// the process pays for it: who links the target enfold::thread_pool, the same file with a size of its own, gets a
// larger one, since the linker takes this one from the library only where the names are not defined yet. A size of 0
// means that there is no pool, and that threads pay for none. The C library grants no more alignment than what was there
// at the start has.
#include "runtime/thread_pool_block.h"

#ifndef ENFOLD_THREAD_POOL_SIZE
#define ENFOLD_THREAD_POOL_SIZE 8192
#endif

#ifndef ENFOLD_THREAD_POOL_ALIGNMENT
#define ENFOLD_THREAD_POOL_ALIGNMENT 64
#endif

alignas(ENFOLD_THREAD_POOL_ALIGNMENT) constinit thread_local unsigned char enfold_thread_pool_block[ENFOLD_THREAD_POOL_SIZE != 0 ? ENFOLD_THREAD_POOL_SIZE : 1]{};
constinit const std::uint64_t enfold_thread_pool_size = ENFOLD_THREAD_POOL_SIZE;
