// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Relocations (gABI, "Relocation"): a section of records for another one, which sh_info names. They stay as they are in
// the file: what they mean is the machine's business.
#include <elf.h>

#include <fmt/format.h>

#include "read/elf_parts.h"

namespace enfold::read {
namespace {

#ifndef SHT_RELR
#define SHT_RELR 19
#endif
constexpr std::uint32_t kShtCrel = 0x40000014;

constexpr bool is_relocations(std::uint32_t type) {
  return type == SHT_RELA || type == SHT_REL || type == SHT_RELR || type == kShtCrel;
}

constexpr std::uint64_t kRecordSize = sizeof(Elf64_Rela);

// Are these relocations of a form that is read, and the target's only ones? Empty ones need no symbols.
bool are_usable(const ElfFile& file, const SectionHeader& h, const Section& target) {
  const std::uint64_t size = h.sh_size, count = size / kRecordSize;
  if (h.sh_type != SHT_RELA || h.sh_entsize != kRecordSize || count * kRecordSize != size) return false;
  const bool have_symbols = h.sh_link == file.symbol_section() && file.symbol_section() != 0;
  return count == 0 || (have_symbols && target.relocation_count == 0 && count < 0xffff'ffff);
}

[[gnu::cold]] bool refuse(ElfFile& file, const SectionHeader& h, const Object& object, const Section& target) {
  if (h.sh_type != SHT_RELA) {
    return file.refuse("relocations without explicit addends, or in a compact form", object.section_name(target),
                       "assemble with explicit addends (RELA)");
  }
  if (h.sh_entsize != kRecordSize || h.sh_size % kRecordSize != 0) {
    return file.bad(fmt::format("relocations {} of unknown size", file.index(h)), h);
  }
  if (h.sh_link != file.symbol_section() || file.symbol_section() == 0) {
    return file.bad(fmt::format("relocations {} refer to no symbol table", file.index(h)), h);
  }
  if (target.relocation_count != 0) {
    return file.refuse("more than one relocation section for one section", object.section_name(target),
                       "join them by passing the object through ld -r");
  }
  return file.claim(h) && file.bad("too many relocations", h);  // mostly there are no 96 GiB of them
}

[[gnu::cold]] bool refuse_target(ElfFile& file, const SectionHeader& h) {
  const std::uint32_t of = h.sh_info;
  return file.bad(fmt::format("relocations {} are for section {}, which does not exist", file.index(h), of), h);
}

bool read(ElfFile& file, const SectionHeader& h, const Object& object) {
  const std::uint32_t of = h.sh_info;
  if (of == 0 || of >= file.header_count()) return refuse_target(file, h);
  Section& target = object.sections[file.numbers()[of]];
  if (target.role == SectionRole::kIgnored) return true;
  if (!are_usable(file, h, target)) return refuse(file, h, object, target);
  if (h.sh_size == 0) return true;
  if (!file.claim(h)) return false;
  target.relocations = file.bytes().data() + h.sh_offset;
  target.relocation_count = static_cast<std::uint32_t>(h.sh_size / kRecordSize);
  return true;
}

}  // namespace

bool read_relocations(ElfFile& file, const Object& object) {
  const std::span<const SectionHeader> headers = file.headers();
  for (std::size_t i = 1; i < headers.size(); ++i) {
    if (is_relocations(headers[i].sh_type) && !read(file, headers[i], object)) return false;
  }
  return true;
}

}  // namespace enfold::read
