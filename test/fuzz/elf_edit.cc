// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "elf_edit.h"

#include <algorithm>

namespace enfold::fuzz {

std::uint64_t ElfEdit::get(Field field) const {
  std::uint64_t value = 0;
  if (field.offset <= bytes_.size() && bytes_.size() - field.offset >= field.width) {
    std::memcpy(&value, bytes_.data() + field.offset, field.width);
  }
  return value;
}

void ElfEdit::put(Field field, std::uint64_t value) {
  if (field.offset <= bytes_.size() && bytes_.size() - field.offset >= field.width) {
    std::memcpy(bytes_.data() + field.offset, &value, field.width);
  }
}

std::uint32_t ElfEdit::section_count() const {
  const Elf64_Ehdr h = header();
  const std::uint64_t room = h.e_shoff < bytes_.size() ? (bytes_.size() - h.e_shoff) / sizeof(Elf64_Shdr) : 0;
  const std::uint64_t count = h.e_shnum != 0 ? h.e_shnum : get<Elf64_Shdr>(h.e_shoff).sh_size;
  return static_cast<std::uint32_t>(std::min(count, room));
}

std::string_view ElfEdit::section_name(std::uint32_t i) const {
  const Elf64_Shdr names = section(header().e_shstrndx);
  const std::uint64_t at = names.sh_offset + section(i).sh_name;
  if (at >= bytes_.size()) return {};
  const auto* text = reinterpret_cast<const char*>(bytes_.data()) + at;
  return {text, strnlen(text, bytes_.size() - at)};
}

std::uint32_t ElfEdit::find(std::string_view name) const {
  for (std::uint32_t i = 1; i < section_count(); ++i) {
    if (section_name(i) == name) return i;
  }
  return 0;
}

std::uint32_t ElfEdit::find_type(std::uint32_t type) const {
  for (std::uint32_t i = 1; i < section_count(); ++i) {
    if (section(i).sh_type == type) return i;
  }
  return 0;
}

std::uint32_t ElfEdit::relocations_of(std::uint32_t target) const {
  for (std::uint32_t i = 1; i < section_count(); ++i) {
    if (section(i).sh_type == SHT_RELA && section(i).sh_info == target) return i;
  }
  return 0;
}

namespace {

void put_uleb128(std::vector<std::byte>& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<std::byte>(value | 0x80));
  out.push_back(static_cast<std::byte>(value));
}

void put_sleb128(std::vector<std::byte>& out, std::int64_t value) {
  for (; value < -64 || value > 63; value >>= 7) out.push_back(static_cast<std::byte>(value | 0x80));
  out.push_back(static_cast<std::byte>(value & 0x7f));
}

}  // namespace

Elf64_Ehdr elf_header(std::uint16_t type) {
  Elf64_Ehdr e{};
  std::memcpy(e.e_ident, ELFMAG, SELFMAG);
  e.e_ident[EI_CLASS] = ELFCLASS64;
  e.e_ident[EI_DATA] = ELFDATA2LSB;
  e.e_ident[EI_VERSION] = EV_CURRENT;
  e.e_type = type;
  e.e_machine = EM_X86_64;
  return e;
}

std::vector<std::byte> compact(const std::vector<Elf64_Rela>& records, unsigned shift) {
  std::vector<std::byte> out;
  put_uleb128(out, records.size() << 3 | 4 | shift);
  Elf64_Rela last{};
  for (const Elf64_Rela& r : records) {
    const std::uint64_t offset = (r.r_offset - last.r_offset) >> shift;
    const auto symbol = static_cast<std::int32_t>(ELF64_R_SYM(r.r_info) - ELF64_R_SYM(last.r_info));
    const auto type = static_cast<std::int32_t>(ELF64_R_TYPE(r.r_info) - ELF64_R_TYPE(last.r_info));
    const auto addend =
        static_cast<std::int64_t>(static_cast<std::uint64_t>(r.r_addend) - static_cast<std::uint64_t>(last.r_addend));
    const unsigned flags = (symbol != 0 ? 1u : 0u) | (type != 0 ? 2u : 0u) | (addend != 0 ? 4u : 0u);
    out.push_back(static_cast<std::byte>((offset & 15) << 3 | flags | (offset > 15 ? 0x80u : 0u)));
    if (offset > 15) put_uleb128(out, offset >> 4);
    if (symbol != 0) put_sleb128(out, symbol);
    if (type != 0) put_sleb128(out, type);
    if (addend != 0) put_sleb128(out, addend);
    last = r;
  }
  return out;
}

void ElfEdit::make_relocations_compact() {
  for (std::uint32_t i = 1; i < section_count(); ++i) {
    Elf64_Shdr h = section(i);
    if (h.sh_type != SHT_RELA || h.sh_offset > bytes_.size() || h.sh_size > bytes_.size() - h.sh_offset) continue;
    std::vector<Elf64_Rela> records(h.sh_size / sizeof(Elf64_Rela));
    if (records.empty()) continue;
    for (std::size_t n = 0; n < records.size(); ++n) records[n] = get<Elf64_Rela>(h.sh_offset + n * sizeof(Elf64_Rela));
    const std::vector<std::byte> made = compact(records);
    if (made.size() > h.sh_size) continue;
    std::ranges::copy(made, bytes_.begin() + static_cast<std::ptrdiff_t>(h.sh_offset));
    h.sh_type = kShtCrel;
    h.sh_size = made.size();
    h.sh_entsize = 0;
    set_section(i, h);
  }
}

void ElfEdit::set_contents(std::uint32_t section, std::span<const std::byte> contents) {
  Elf64_Shdr h = this->section(section);
  h.sh_offset = bytes_.size();
  h.sh_size = contents.size();
  bytes_.insert(bytes_.end(), contents.begin(), contents.end());
  set_section(section, h);
}

std::vector<std::byte> ElfEdit::contents(std::uint32_t section) const {
  const Elf64_Shdr h = this->section(section);
  if (h.sh_type == SHT_NOBITS || h.sh_offset > bytes_.size()) return {};
  const auto begin = bytes_.begin() + static_cast<std::ptrdiff_t>(h.sh_offset);
  return {begin, begin + static_cast<std::ptrdiff_t>(std::min(h.sh_size, bytes_.size() - h.sh_offset))};
}

namespace {

void add_records(std::vector<Field>& fields, std::uint64_t at, std::uint64_t size, std::vector<Field> layout,
                 std::uint64_t record_size) {
  constexpr std::uint64_t kMost = 100;
  for (std::uint64_t i = 0; i < std::min(size / record_size, kMost); ++i) {
    for (const Field field : layout) fields.push_back({at + i * record_size + field.offset, field.width});
  }
}

}  // namespace

void ElfEdit::add_unwind_fields(const Elf64_Shdr& h, std::vector<Field>& fields) const {
  for (std::uint64_t at = 0; at + 8 <= h.sh_size;) {
    fields.push_back({h.sh_offset + at, 4});
    fields.push_back({h.sh_offset + at + 4, 4});
    for (std::uint64_t i = 8; i < 24; ++i) fields.push_back({h.sh_offset + at + i, 1});
    at += std::uint64_t{4} + get<std::uint32_t>(h.sh_offset + at);
  }
}

// gABI, "Note Section": sizes of name and contents, a type, both padded; properties are a type, a size and bits.
void ElfEdit::add_note_fields(const Elf64_Shdr& h, std::vector<Field>& fields) const {
  for (std::uint64_t at = 0; at + 12 <= h.sh_size;) {
    const std::uint64_t note = h.sh_offset + at;
    const std::uint64_t name_size = (get<std::uint32_t>(note) + 3) & ~3u,
                        size = (get<std::uint32_t>(note + 4) + 7) & ~7u;
    for (std::uint64_t i = 0; i < 12; i += 4) fields.push_back({note + i, 4});
    for (std::uint64_t i = 0; i < std::min<std::uint64_t>(size, 64); i += 4)
      fields.push_back({note + 12 + name_size + i, 4});
    at += 12 + name_size + size;
  }
}

std::vector<Field> ElfEdit::fields() const {
  const std::vector<Field> in_header = {{16, 2}, {18, 2}, {40, 8}, {48, 4}, {52, 2}, {58, 2}, {60, 2}, {62, 2}};
  const std::vector<Field> in_section = {{0, 4}, {4, 4}, {8, 8}, {24, 8}, {32, 8}, {40, 4}, {44, 4}, {48, 8}, {56, 8}};
  const std::vector<Field> in_symbol = {{0, 4}, {4, 1}, {5, 1}, {6, 2}, {8, 8}, {16, 8}};
  const std::vector<Field> in_relocation = {{0, 8}, {8, 4}, {12, 4}, {16, 8}};
  std::vector<Field> fields = in_header;
  add_records(fields, header().e_shoff, section_count() * sizeof(Elf64_Shdr), in_section, sizeof(Elf64_Shdr));
  for (std::uint32_t i = 1; i < section_count(); ++i) {
    const Elf64_Shdr h = section(i);
    if (h.sh_type == SHT_NOBITS || h.sh_offset > bytes_.size() || h.sh_size > bytes_.size() - h.sh_offset) continue;
    if (h.sh_type == SHT_SYMTAB) add_records(fields, h.sh_offset, h.sh_size, in_symbol, sizeof(Elf64_Sym));
    if (h.sh_type == SHT_RELA) add_records(fields, h.sh_offset, h.sh_size, in_relocation, sizeof(Elf64_Rela));
    if (h.sh_type == kShtCrel) add_records(fields, h.sh_offset, h.sh_size, {{0, 1}}, 1);
    if (h.sh_type == SHT_GROUP) add_records(fields, h.sh_offset, h.sh_size, {{0, 4}}, 4);
    if (h.sh_type == SHT_NOTE) add_note_fields(h, fields);
    if (section_name(i) == ".eh_frame") add_unwind_fields(h, fields);
  }
  return fields;
}

ElfBuilder::ElfBuilder() : sections_(1), symbols_(1) {
  sections_[0].type = SHT_NULL;
  sections_[0].flags = 0;
}

std::uint32_t ElfBuilder::add_name(std::string_view name) {
  const auto at = static_cast<std::uint32_t>(names_.size());
  names_ += name;
  names_ += '\0';
  return at;
}

std::uint32_t ElfBuilder::add_section(Section section) {
  sections_.push_back(std::move(section));
  return static_cast<std::uint32_t>(sections_.size() - 1);
}

std::uint32_t ElfBuilder::add_symbol(std::string_view name, std::uint8_t info, std::uint16_t section,
                                     std::uint64_t value, std::uint64_t size) {
  Elf64_Sym symbol{};
  symbol.st_name = name.empty() ? 0 : add_name(name);
  symbol.st_info = info;
  symbol.st_shndx = section;
  symbol.st_value = value;
  symbol.st_size = size;
  symbols_.push_back(symbol);
  const auto index = static_cast<std::uint32_t>(symbols_.size() - 1);
  if (ELF64_ST_BIND(info) == STB_LOCAL) local_count_ = index + 1;
  return index;
}

namespace {

template <class T>
std::vector<std::byte> bytes_of(const std::vector<T>& items) {
  const auto* begin = reinterpret_cast<const std::byte*>(items.data());
  return {begin, begin + items.size() * sizeof(T)};
}

constexpr std::uint32_t kSymbols = 0xffff'fff0;  // for sh_link, until the symbol table has its number

}  // namespace

void ElfBuilder::add_relocations(std::uint32_t section, const std::vector<Elf64_Rela>& records) {
  add_section({.name = ".rela",
               .type = SHT_RELA,
               .flags = 0,
               .align = 8,
               .link = kSymbols,
               .info = section,
               .entry_size = sizeof(Elf64_Rela),
               .contents = bytes_of(records)});
}

std::uint32_t ElfBuilder::add_group(std::uint32_t signature, const std::vector<std::uint32_t>& members, bool comdat) {
  std::vector<std::uint32_t> words = {comdat ? 1u : 0u};
  words.insert(words.end(), members.begin(), members.end());
  return add_section({.name = ".group",
                      .type = SHT_GROUP,
                      .flags = 0,
                      .align = 4,
                      .link = kSymbols,
                      .info = signature,
                      .entry_size = 4,
                      .contents = bytes_of(words)});
}

ElfEdit ElfBuilder::build() const {
  std::vector<Section> sections = sections_;
  std::string section_names(1, '\0');
  const auto symbol_table = static_cast<std::uint32_t>(sections.size());
  const std::string_view all_names = names_;
  const auto* names = reinterpret_cast<const std::byte*>(all_names.data());
  sections.push_back({.name = ".symtab",
                      .type = SHT_SYMTAB,
                      .flags = 0,
                      .align = 8,
                      .link = symbol_table + 1,
                      .info = local_count_,
                      .entry_size = sizeof(Elf64_Sym),
                      .contents = bytes_of(symbols_)});
  sections.push_back({.name = ".strtab",
                      .type = SHT_STRTAB,
                      .flags = 0,
                      .contents = std::vector<std::byte>(names, names + all_names.size())});
  sections.push_back({.name = ".shstrtab", .type = SHT_STRTAB, .flags = 0});
  std::vector<Elf64_Shdr> headers;
  std::vector<std::byte> file(sizeof(Elf64_Ehdr));
  for (Section& s : sections) {
    Elf64_Shdr h{};
    h.sh_name = static_cast<std::uint32_t>(section_names.size());
    section_names += s.name + '\0';
    if (&s == &sections.back()) s.contents = bytes_of(std::vector<char>(section_names.begin(), section_names.end()));
    h.sh_type = s.type;
    h.sh_flags = s.flags;
    h.sh_offset = file.size();
    h.sh_size = s.size != 0 ? s.size : s.contents.size();
    h.sh_link = s.link == kSymbols ? symbol_table : s.link;
    h.sh_info = s.info;
    h.sh_addralign = s.align;
    h.sh_entsize = s.entry_size;
    file.insert(file.end(), s.contents.begin(), s.contents.end());
    headers.push_back(h);
  }
  headers[0] = {};
  Elf64_Ehdr e = elf_header(ET_REL);
  e.e_shoff = file.size();
  e.e_shentsize = sizeof(Elf64_Shdr);
  const std::size_t count = headers.size();
  e.e_shnum = count < SHN_LORESERVE ? static_cast<std::uint16_t>(count) : std::uint16_t{0};
  e.e_shstrndx = count < SHN_LORESERVE ? static_cast<std::uint16_t>(count - 1) : std::uint16_t{SHN_XINDEX};
  if (e.e_shnum == 0) {
    headers[0].sh_size = count;
    headers[0].sh_link = static_cast<std::uint32_t>(count - 1);
  }
  std::memcpy(file.data(), &e, sizeof e);
  const std::vector<std::byte> table = bytes_of(headers);
  file.insert(file.end(), table.begin(), table.end());
  return ElfEdit(std::move(file));
}

}  // namespace enfold::fuzz
