// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "reloc/elf_machines.h"

#include <elf.h>

namespace enfold {

std::span<const read::ElfMachine> elf_machines() {
  static constexpr read::ElfMachine kMachines[] = {
      {.number = EM_X86_64,
       .format = "elf64-x86-64",
       .large_section_flag = 0x10000000,   // SHF_X86_64_LARGE
       .large_common_index = 0xff02,       // SHN_X86_64_LCOMMON
       .unwind_section_type = 0x7000'0001,  // SHT_X86_64_UNWIND
       .feature_property = 0xc000'0002,    // GNU_PROPERTY_X86_FEATURE_1_AND
       .landing_pads_bit = 1,              // GNU_PROPERTY_X86_FEATURE_1_IBT
       .shadow_stack_bit = 2},             // GNU_PROPERTY_X86_FEATURE_1_SHSTK
  };
  return kMachines;
}

const RelocationScheme* elf_scheme(std::uint32_t machine) { return machine == EM_X86_64 ? &elf_x86_64() : nullptr; }

}  // namespace enfold
