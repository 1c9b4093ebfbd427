// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_RUNTIME_THREAD_POOL_BLOCK_H_
#define ENFOLD_RUNTIME_THREAD_POOL_BLOCK_H_

#include <cstdint>

extern "C" {
// Nothing reads or writes it: it is address space in every thread's static storage.
[[gnu::visibility("hidden")]] extern constinit thread_local unsigned char enfold_thread_pool_block[];
[[gnu::visibility("hidden")]] extern const std::uint64_t enfold_thread_pool_size;
}

#endif  // ENFOLD_RUNTIME_THREAD_POOL_BLOCK_H_
