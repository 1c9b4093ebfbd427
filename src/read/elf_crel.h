// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compact relocations, as LLVM 19 writes them (F. Song, "A compact relocation format for ELF", generic-abi list, 2024).
// A number says how many there are. Each is a byte of flags, then what it differs by from the one before it.
//
//   header: ULEB128   count << 3 | explicit addends << 2 | shift of offsets
//   record: byte      more << 7 | offset's difference << 3 | addend << 2 | type << 1 | symbol
//           ULEB128   the rest of the offset's difference, where there is more of it
//           SLEB128   differences of symbol, type and addend, each where its flag is set
//
// Offsets count in units of 1 << shift. Records have no fixed size, and each builds on all those before it: they are
// read once, into records of the type SHT_RELA.
#ifndef ENFOLD_READ_ELF_CREL_H_
#define ENFOLD_READ_ELF_CREL_H_

#include <elf.h>

#include <cstdint>
#include <span>

#include "arena.h"
#include "read/bytes.h"

namespace enfold::read {

constexpr std::uint32_t kShtCrel = 0x4000'0014;

struct CompactRelocations {
  std::span<const Elf64_Rela> records{};  // in the arena
  const char* fault = nullptr;            // what is wrong, if anything; there are then no records
  std::uint64_t fault_at = 0;             // offset in the section
  bool implicit_addends = false;          // not read, as the machines' ABIs have none
};

// Takes memory for what the bytes can hold only, whatever they say.
CompactRelocations read_crel(Bytes section, Arena& arena);

}  // namespace enfold::read

#endif  // ENFOLD_READ_ELF_CREL_H_
