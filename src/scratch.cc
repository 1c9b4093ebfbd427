// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "scratch.h"

#include "large_memory.h"

namespace enfold {

void* Scratch::take_elsewhere(std::size_t size, std::size_t align) {
  return size >= kLargePage ? map_large(size) : std::pmr::new_delete_resource()->allocate(size, align);
}

void Scratch::give_back_elsewhere(void* memory, std::size_t size, std::size_t align) {
  if (size >= kLargePage) return unmap_large(memory, size);
  std::pmr::new_delete_resource()->deallocate(memory, size, align);
}

}  // namespace enfold
