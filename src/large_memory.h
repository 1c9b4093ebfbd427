// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Working memory of large links. A page fault costs more than filling the page does, and malloc gives large blocks back
// to the kernel at each free, so that every link would fault all of them in anew: huge pages, where the system has
// them, make it one fault in 512.
#ifndef ENFOLD_LARGE_MEMORY_H_
#define ENFOLD_LARGE_MEMORY_H_

#include <cstddef>

namespace enfold {

constexpr std::size_t kLargePage = std::size_t{2} << 20, kSmallPage = std::size_t{4} << 10;

// At least `size` bytes of zeros, aligned to kLargePage. What is never touched costs nothing.
// Ownership: the caller's, who gives them back with the same size.
// Errors: throws std::bad_alloc.
void* map_large(std::size_t size);
void unmap_large(void* memory, std::size_t size) noexcept;

// Of kLargePage bytes of the process's allocator, aligned to that and not yet touched: they may be one page.
void prefer_large_page(void* memory) noexcept;

// Of whole small pages, which large ones should not take the place of again: as those that hold nothing would be
// resident.
void refuse_large_page(void* memory, std::size_t size) noexcept;

// Of memory of the process's allocator that nobody looks at any more: gives its whole pages to the system.
void give_up_pages(void* memory, std::size_t size) noexcept;

// Of memory that will be written as a whole, and soon: brings its pages in by one call. What the system refuses comes
// as it is touched.
void bring_in(void* memory, std::size_t size) noexcept;

}  // namespace enfold

#endif  // ENFOLD_LARGE_MEMORY_H_
