// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_RUNTIME_THREAD_BLOCK_MEMORY_H_
#define ENFOLD_RUNTIME_THREAD_BLOCK_MEMORY_H_

#include <cstdint>

#include <enfold/error.h>
#include <enfold/runtime.h>

namespace enfold::runtime {

// What any module has to be, whoever asked for it. Errors: kInvalidArgument, kMemory.
Expected<void> check_thread_image(const ThreadImage& image);

// A block as an image that was checked says; its address, or 0 when there is no memory.
std::uint64_t make_thread_block(const ThreadImage& image) noexcept;
void free_thread_block(std::uint64_t block, std::uint64_t size, std::uint8_t p2align) noexcept;

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_THREAD_BLOCK_MEMORY_H_
