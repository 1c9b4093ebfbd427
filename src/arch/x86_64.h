// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_ARCH_X86_64_H_
#define ENFOLD_ARCH_X86_64_H_

#include "fixup.h"

namespace enfold::x86_64_fixup {

// Rows of x86_64().fixups.
enum Kind : FixupKind {
  kNothing,
  kAbs8,
  kAbs16,
  kAbs32,
  kAbs32Signed,
  kAbs64,
  kRel8,
  kRel16,
  kRel32,
  kRel64,
  kCall32,
  kCallFromGot64,
  kSlotFromGot32,
  kSlotFromGot64,
  kSlotRel32,
  kSlotRel32Relaxable,
  kSlotRel32RelaxableRex,
  kSlotRel32RelaxableRex2,
  kSlotRel64,
  kGotRel32,
  kGotRel64,
  kFromGot64,
  kSize32,
  kSize64,
  kThreadIndexRel32,
  kThreadModuleRel32,
  kThreadDescriptorRel32,
  kThreadDescriptorRel32Rex2,
  kThreadDescriptorRel32Fixed,  // in an instruction that is not rewritten
  kThreadCall,
  kThreadSlotRel32,
  kThreadSlotRel32Rex2,
  kThreadSlotRel32Evex,
  kThreadSlotRel32Fixed,  // likewise
  kThreadOffset32,
  kThreadOffset64,
  kBlockOffset32,
  kBlockOffset64,
  kModuleId64,
  kCount,
};

}  // namespace enfold::x86_64_fixup

#endif  // ENFOLD_ARCH_X86_64_H_
