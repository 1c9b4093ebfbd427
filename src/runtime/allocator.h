// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// malloc and its kin of the process, which a set may replace where allocator/allocator.c was preloaded.
#ifndef ENFOLD_RUNTIME_ALLOCATOR_H_
#define ENFOLD_RUNTIME_ALLOCATOR_H_

#include <enfold/error.h>
#include <enfold/runtime.h>

namespace enfold::runtime {

// As RuntimeHooks has them.
Expected<void> check_allocator();
Expected<void> replace_allocator(const AllocatorFunctions& functions);
void give_up_allocator() noexcept;

// Is the preloaded library's, at that address?
bool is_replaceable_allocator(const void* function);

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_ALLOCATOR_H_
