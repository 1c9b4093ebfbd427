// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The thread pointer: what the distances of static thread-locals count from ("ELF Handling For Thread-Local Storage",
// section 3).
#ifndef ENFOLD_RUNTIME_THREAD_POINTER_H_
#define ENFOLD_RUNTIME_THREAD_POINTER_H_

#include <cstdint>

namespace enfold::runtime {

inline std::uint64_t thread_pointer() {
#if defined(__x86_64__)
  std::uint64_t pointer = 0;
  asm("mov %%fs:0, %0" : "=r"(pointer));  // the control block begins with its own address
  return pointer;
#else
  return reinterpret_cast<std::uint64_t>(__builtin_thread_pointer());
#endif
}

inline std::int64_t distance_from_thread_pointer(std::uint64_t address) {
  return static_cast<std::int64_t>(address - thread_pointer());
}

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_THREAD_POINTER_H_
