// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reads ELF64 little-endian relocatable objects (System V gABI, chapters 4 and 5) into the linker's own model. Section
// and symbol tables are normalised; section contents and relocations stay where they are in the input.
#ifndef ENFOLD_READ_ELF_H_
#define ENFOLD_READ_ELF_H_

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include <enfold/error.h>

#include "arena.h"
#include "model.h"
#include "read/bytes.h"

namespace enfold::read {

// What the reader has to know of a machine: which of the processor-specific values mean what.
struct ElfMachine {
  std::uint16_t number = 0;               // e_machine
  std::string_view format{};              // GNU ld's name of its 64-bit ELF files
  std::uint64_t large_section_flag = 0;   // in sh_flags; 0 where there is none
  std::uint32_t large_common_index = 0;   // st_shndx of large common symbols
  std::uint32_t unwind_section_type = 0;  // sh_type of unwind tables; the one type that the machine adds
  // GNU_PROPERTY_..._FEATURE_1_AND, which marks an object's code as fit for control-flow protection, and its bits.
  std::uint32_t feature_property = 0, landing_pads_bit = 0, shadow_stack_bit = 0;
};

// Ownership: the object borrows `bytes`, and its tables live in `arena`.
// Errors: kMalformed, kUnsupported; the object is then unusable.
Expected<void> read_elf(Bytes bytes, std::span<const ElfMachine> machines, Arena& arena, Object& object);

// Calls `sink` for each global symbol that the object defines: what an archive's index would list. Passes over what is
// no ELF object.
Expected<void> enumerate_elf_definitions(Bytes bytes, const std::string& name, std::span<const ElfMachine> machines,
                                         const std::function<void(std::string_view)>& sink);

// The same for those with contents of their own. Passes over what cannot be read, too.
void collect_elf_definitions(Bytes bytes, std::span<const ElfMachine> machines,
                             const std::function<void(std::string_view)>& sink);

}  // namespace enfold::read

#endif  // ENFOLD_READ_ELF_H_
