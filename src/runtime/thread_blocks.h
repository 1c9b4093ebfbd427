// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Modules of thread-local storage that only this library knows, for sets whose code asks for an address each time (the
// general and local dynamic models, TLS descriptors). Such a module costs an entry in a list and, for each thread that
// asks, a block of memory.
#ifndef ENFOLD_RUNTIME_THREAD_BLOCKS_H_
#define ENFOLD_RUNTIME_THREAD_BLOCKS_H_

#include <cstddef>
#include <cstdint>

#include <enfold/error.h>
#include <enfold/runtime.h>

namespace enfold::runtime {

// Makes a module, and the calling thread's block of it. Its id is kFirstThreadModule or more.
// Errors: kMemory; kRuntime, when the process has no room for the library's own pointer or key.
Expected<std::uint64_t> add_thread_blocks(const ThreadImage& image);

// Frees the blocks of all threads. The id is used again.
void remove_thread_blocks(std::uint64_t module) noexcept;

// The calling thread's block, made now; 0 when there is no memory.
std::uint64_t make_own_thread_block(std::uint64_t module) noexcept;

// What is there now, for tests.
struct ThreadBlockUse {
  std::size_t module_count = 0, thread_count = 0, block_count = 0;
};
ThreadBlockUse thread_block_use();

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_THREAD_BLOCKS_H_
