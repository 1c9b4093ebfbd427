// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Instructions that read less than a whole slot. A register of 32 bits gets the lower half of the address, and holds
// the address only if that fits. Nothing tells whether the program means the address or its lower half: hand-written
// code that expects to be linked below 4 GiB and a compiler's code for (unsigned)(uintptr_t)&x look the same. So the
// address is made to fit. Reads of 8 and 16 bits are no loads of addresses: compilers test alignment by them.
#ifndef ENFOLD_ARCH_X86_64_SLOT_H_
#define ENFOLD_ARCH_X86_64_SLOT_H_

#include "arch/arch.h"

namespace enfold::x86_64_slot {

// As struct Architecture has it.
FixupKind partial_read(std::span<const std::byte> code, const Fixup& fixup);

}  // namespace enfold::x86_64_slot

#endif  // ENFOLD_ARCH_X86_64_SLOT_H_
