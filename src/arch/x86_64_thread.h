// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Code that gets at thread-locals ("ELF Handling For Thread-Local Storage", 4.4 and 5; psABI supplement, TLS
// descriptors), and what it is rewritten to where a variable's distance from the thread pointer is known.
#ifndef ENFOLD_ARCH_X86_64_THREAD_H_
#define ENFOLD_ARCH_X86_64_THREAD_H_

#include "arch/arch.h"

namespace enfold::x86_64_thread {

constexpr std::uint8_t kFirstForm = 0x80;  // of Relaxation::form

// As struct Architecture has them.
std::optional<Relaxation> relax(std::span<const std::byte> code, const Fixup& fixup, const Fixup* next);
void rewrite(std::uint8_t form, std::byte* field);

}  // namespace enfold::x86_64_thread

#endif  // ENFOLD_ARCH_X86_64_THREAD_H_
