// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Relocations (gABI, "Relocation"): a section of records for another one, which sh_info names. They stay as they are in
// the file, unless they are compact: what they mean is the machine's business.
#include <elf.h>

#include <fmt/format.h>

#include "read/elf_crel.h"
#include "read/elf_parts.h"

namespace enfold::read {
namespace {

// Other types that seem to be of relocations are refused where sections are read.
constexpr bool is_relocations(std::uint32_t type) {
  return type == SHT_RELA || type == SHT_REL || type == kShtCrel;
}

constexpr std::uint64_t kRecordSize = sizeof(Elf64_Rela);

// Are these relocations of a form that is read, and the target's only ones? Empty ones need no symbols.
bool are_usable(const ElfFile& file, const SectionHeader& h, const Section& target) {
  const std::uint64_t size = h.sh_size, count = size / kRecordSize;
  if (h.sh_type != SHT_RELA || h.sh_entsize != kRecordSize || count * kRecordSize != size) return false;
  const bool have_symbols = h.sh_link == file.symbol_section() && file.symbol_section() != 0;
  return count == 0 || (have_symbols && target.relocation_count == 0 && count < 0xffff'ffff);
}

[[gnu::cold]] bool refuse_implicit_addends(ElfFile& file, const Object& object, const Section& target) {
  return file.refuse("relocations without explicit addends", object.section_name(target),
                     "assemble with explicit addends (SHT_RELA)");
}

[[gnu::cold]] bool refuse(ElfFile& file, const SectionHeader& h, const Object& object, const Section& target) {
  if (h.sh_type == SHT_REL) return refuse_implicit_addends(file, object, target);
  if (h.sh_type == SHT_RELA && (h.sh_entsize != kRecordSize || h.sh_size % kRecordSize != 0)) {
    return file.bad(fmt::format("relocations {} of unknown size", file.index(h)), h);
  }
  if (h.sh_link != file.symbol_section() || file.symbol_section() == 0) {
    return file.bad(fmt::format("relocations {} refer to no symbol table", file.index(h)), h);
  }
  if (target.relocation_count != 0) {
    return file.refuse("more than one relocation section for one section", object.section_name(target),
                       "join them by passing the object through ld -r");
  }
  const bool claimed = h.sh_type != SHT_RELA || file.claim(h);
  return claimed && file.bad("too many relocations", h);  // mostly there are no 96 GiB of them
}

[[gnu::cold]] bool refuse_target(ElfFile& file, const SectionHeader& h) {
  const std::uint32_t of = h.sh_info;
  return file.bad(fmt::format("relocations {} are for section {}, which does not exist", file.index(h), of), h);
}

[[gnu::cold]] bool read_compact(ElfFile& file, const SectionHeader& h, Arena& arena, const Object& object,
                                Section& target) {
  if (!file.claim(h)) return false;
  const CompactRelocations found = read_crel(Bytes(file.bytes().span().subspan(h.sh_offset, h.sh_size)), arena);
  if (found.implicit_addends) return refuse_implicit_addends(file, object, target);
  if (found.fault != nullptr) {
    return file.bad(fmt::format("compact relocations {} {}", file.index(h), found.fault), h.sh_offset + found.fault_at);
  }
  if (found.records.empty()) return true;
  const bool have_symbols = h.sh_link == file.symbol_section() && file.symbol_section() != 0;
  if (!have_symbols || target.relocation_count != 0 || found.records.size() >= 0xffff'ffff) {
    return refuse(file, h, object, target);
  }
  target.relocations = std::as_bytes(found.records).data();
  target.relocation_count = static_cast<std::uint32_t>(found.records.size());
  return true;
}

bool read(ElfFile& file, const SectionHeader& h, Arena& arena, const Object& object) {
  const std::uint32_t of = h.sh_info;
  if (of == 0 || of >= file.header_count()) return refuse_target(file, h);
  Section& target = object.sections[file.numbers()[of]];
  if (target.role == SectionRole::kIgnored) return true;
  if (!are_usable(file, h, target)) {
    return h.sh_type == kShtCrel ? read_compact(file, h, arena, object, target) : refuse(file, h, object, target);
  }
  if (h.sh_size == 0) return true;
  if (!file.claim(h)) return false;
  target.relocations = file.bytes().data() + h.sh_offset;
  target.relocation_count = static_cast<std::uint32_t>(h.sh_size / kRecordSize);
  return true;
}

}  // namespace

bool read_relocations(ElfFile& file, Arena& arena, const Object& object) {
  const std::span<const SectionHeader> headers = file.headers();
  for (std::size_t i = 1; i < headers.size(); ++i) {
    if (is_relocations(headers[i].sh_type) && !read(file, headers[i], arena, object)) return false;
  }
  return true;
}

}  // namespace enfold::read
