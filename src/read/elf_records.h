// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Headers and symbols as they stand in the file (gABI, chapter 4), which may begin at any address: members of archives
// do. They are looked at in place; who takes a record has checked that it is there.
#ifndef ENFOLD_READ_ELF_RECORDS_H_
#define ENFOLD_READ_ELF_RECORDS_H_

#include <elf.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "index.h"
#include "read/bytes.h"

namespace enfold::read {

struct [[gnu::packed, gnu::may_alias]] FileHeader {
  std::uint8_t e_ident[EI_NIDENT];
  std::uint16_t e_type, e_machine;
  std::uint32_t e_version;
  std::uint64_t e_entry, e_phoff, e_shoff;
  std::uint32_t e_flags;
  std::uint16_t e_ehsize, e_phentsize, e_phnum, e_shentsize, e_shnum, e_shstrndx;
};
static_assert(sizeof(FileHeader) == sizeof(Elf64_Ehdr) && alignof(FileHeader) == 1);

struct [[gnu::packed, gnu::may_alias]] SectionHeader {
  std::uint32_t sh_name, sh_type;
  std::uint64_t sh_flags, sh_addr, sh_offset, sh_size;
  std::uint32_t sh_link, sh_info;
  std::uint64_t sh_addralign, sh_entsize;
};
static_assert(sizeof(SectionHeader) == sizeof(Elf64_Shdr) && alignof(SectionHeader) == 1);

struct [[gnu::packed, gnu::may_alias]] SymbolRecord {
  std::uint32_t st_name;
  std::uint8_t st_info, st_other;
  std::uint16_t st_shndx;
  std::uint64_t st_value, st_size;
};
static_assert(sizeof(SymbolRecord) == sizeof(Elf64_Sym) && alignof(SymbolRecord) == 1);

// Those that tell the linker about other sections. Nothing lies in them, but where they are loaded all the same.
constexpr bool is_table(std::uint32_t type) {
  switch (type) {
    case SHT_NULL:
    case SHT_GROUP:
    case SHT_SYMTAB:
    case SHT_STRTAB:
    case SHT_SYMTAB_SHNDX:
    case SHT_RELA:
    case SHT_REL: return true;
    default: return false;
  }
}

// Sections of contents, loaded or not.
constexpr bool has_contents(const SectionHeader& h) {
  return !is_table(h.sh_type) || ((h.sh_flags & SHF_ALLOC) != 0 && h.sh_type != SHT_NULL && h.sh_type != SHT_GROUP);
}

// Which section of an Object each one of the file's is, by the headers from the second on, in their order. Tables and
// groups are none, which is 0: every second one of C++ code.
struct SectionNumbers {
  std::uint32_t count = 0;  // of those that have one

  SectionIndex next(const SectionHeader& h) { return has_contents(h) ? next_of_contents() : SectionIndex{}; }
  SectionIndex next_of_contents() { return SectionIndex{++count}; }
};

// The one at `offset`, which is there.
template <class Record>
const Record& record_at(Bytes bytes, std::uint64_t offset) {
  return *reinterpret_cast<const Record*>(bytes.data() + offset);
}

// As many as fit.
template <class Record>
std::span<const Record> records_in(Bytes bytes) {
  return {reinterpret_cast<const Record*>(bytes.data()), bytes.size() / sizeof(Record)};
}

}  // namespace enfold::read

#endif  // ENFOLD_READ_ELF_RECORDS_H_
