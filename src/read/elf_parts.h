// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The parts of an object, each read from the file's frame into the linker's model, in this order. False where something
// is wrong, which the file then knows.
#ifndef ENFOLD_READ_ELF_PARTS_H_
#define ENFOLD_READ_ELF_PARTS_H_

#include "arena.h"
#include "model.h"
#include "read/elf_file.h"

namespace enfold::read {

// Sections of contents, and their roles.
[[nodiscard]] bool read_sections(ElfFile& file, Arena& arena, Object& object);

// Which relocations each of them has.
[[nodiscard]] bool read_relocations(ElfFile& file, Arena& arena, const Object& object);

// Symbols, each in its section.
[[nodiscard]] bool read_symbols(ElfFile& file, Arena& arena, Object& object);

// Section groups, whose signatures are symbols, and behind them sections .gnu.linkonce.*. There are some.
[[nodiscard]] bool read_groups(ElfFile& file, Arena& arena, Object& object);

}  // namespace enfold::read

#endif  // ENFOLD_READ_ELF_PARTS_H_
