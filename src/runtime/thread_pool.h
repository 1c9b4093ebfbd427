// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The pool: start-up thread-local storage into which carriers are placed, in any order and for any number of times. The
// C library itself grants little static storage after the start, and takes it back only from the end.
//
// The dynamic linker keeps the size of what is in use in a word of its private data (glibc: dl_tls_static_used in
// _rtld_global). Where that word is, is found by loading carriers and comparing; set to an end inside the pool while
// the linker's lock is held, it makes the next carrier land there, and the linker starts it in every thread. The lock
// is held by being inside of a constructor of an object that is loaded for this alone.
#ifndef ENFOLD_RUNTIME_THREAD_POOL_H_
#define ENFOLD_RUNTIME_THREAD_POOL_H_

#include <cstdint>

#include "runtime/thread_carrier.h"

namespace enfold::runtime {

// Bytes [begin, begin + size) of the pool; none if there are none.
struct PoolRange {
  std::uint64_t begin = 0, size = 0;
};

// Loads the carrier, whose block is as the image says, into the pool. None: it is not loaded. There may be no room, or
// this process has no pool.
PoolRange load_into_pool(Carrier& carrier, const ThreadImage& image);

// Its carrier is unloaded.
void give_back(PoolRange range) noexcept;

struct PoolUse {
  std::uint64_t size = 0, free = 0, largest_free = 0;  // all 0 where there is no pool
};
PoolUse pool_use();

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_THREAD_POOL_H_
