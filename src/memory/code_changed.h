// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Who keeps copies of code, and has to be told when other code takes its place: processors whose instruction fetch does
// not see what data stores wrote (AArch64, RISC-V; x86-64's does), and valgrind, which runs translations of code. It
// looks for changes in anonymous memory by itself, but not in mappings of files, such as those of kind kAliased.
#ifndef ENFOLD_MEMORY_CODE_CHANGED_H_
#define ENFOLD_MEMORY_CODE_CHANGED_H_

#include <cstdint>

#include <enfold/memory.h>

namespace enfold::memory {

// valgrind's client request 0x1002, "discard translations": rotations of rdi that come to nothing, then an exchange of
// rbx with itself, which valgrind takes for a call with rax = the request's words, rdx = what is returned without it.
inline void discard_translations([[maybe_unused]] AddressRange code) {
#if defined(__x86_64__)
  const volatile std::uint64_t request[6] = {0x1002, code.lo, code.hi - code.lo, 0, 0, 0};
  std::uint64_t result = 0;
  asm volatile(
      "rolq $3, %%rdi\n\t"
      "rolq $13, %%rdi\n\t"
      "rolq $61, %%rdi\n\t"
      "rolq $51, %%rdi\n\t"
      "xchgq %%rbx, %%rbx"
      : "+d"(result)
      : "a"(&request[0])
      : "cc", "memory");
#endif
}

inline void code_changed(AddressRange code) {
  if (code.lo == code.hi) return;
  __builtin___clear_cache(reinterpret_cast<char*>(code.lo), reinterpret_cast<char*>(code.hi));
  discard_translations(code);
}

}  // namespace enfold::memory

#endif  // ENFOLD_MEMORY_CODE_CHANGED_H_
