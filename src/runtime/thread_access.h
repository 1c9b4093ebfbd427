// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What linked code calls to get at its thread-locals.
#ifndef ENFOLD_RUNTIME_THREAD_ACCESS_H_
#define ENFOLD_RUNTIME_THREAD_ACCESS_H_

#include <cstdint>

#include <enfold/runtime.h>

namespace enfold::runtime {

ThreadFunctions process_thread_functions();
TargetAddr thread_address_function();  // its get_address

// The calling thread's copy of what is at `offset` in a module, ours or the C library's.
std::uint64_t thread_local_address(std::uint64_t module, std::uint64_t offset);

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_THREAD_ACCESS_H_
