// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_RELOC_ELF_MACHINES_H_
#define ENFOLD_RELOC_ELF_MACHINES_H_

#include <cstdint>
#include <span>

#include "read/elf.h"
#include "reloc/reloc.h"

namespace enfold {

// The machines whose ELF objects are linked, and their schemes.
std::span<const read::ElfMachine> elf_machines();
const RelocationScheme* elf_scheme(std::uint32_t machine);

}  // namespace enfold

#endif  // ENFOLD_RELOC_ELF_MACHINES_H_
