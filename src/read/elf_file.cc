// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "read/elf_file.h"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "read/file_kind.h"

namespace enfold::read {
bool ElfFile::open(std::span<const ElfMachine> machines) {
  if (!read_headers(machines)) return false;
  make_room_for_numbers();
  return survey();
}

void ElfFile::make_room_for_numbers() {
  SectionIndex* room = few_numbers_.data();
  if (headers_.size() > few_numbers_.size()) {
    more_numbers_ = std::make_unique_for_overwrite<SectionIndex[]>(headers_.size());
    room = more_numbers_.get();
  }
  numbers_ = {room, headers_.size()};
}

bool ElfFile::read_headers(std::span<const ElfMachine> machines) {
  if (bytes_.size() < sizeof(FileHeader) || std::memcmp(bytes_.data(), ELFMAG, SELFMAG) != 0) {
    return bad("not an ELF file, or truncated in its header");
  }
  const auto& h = record_at<FileHeader>(bytes_, 0);
  if (h.e_ident[EI_CLASS] != ELFCLASS64 || h.e_ident[EI_DATA] != ELFDATA2LSB) return refuse_machine();
  if (h.e_ident[EI_VERSION] != EV_CURRENT) return bad("unknown ELF version");
  if (h.e_type != ET_REL) return refuse("not a relocatable object", "", "compile with -c");
  const std::uint16_t number = h.e_machine;
  const auto known = std::ranges::find(machines, number, &ElfMachine::number);
  if (known == machines.end()) return refuse_machine();
  machine_ = &*known;
  const std::uint8_t system = h.e_ident[EI_OSABI];
  const bool usual = (system == ELFOSABI_SYSV || system == ELFOSABI_GNU) && h.e_ident[EI_ABIVERSION] == 0;
  if ((!usual || h.e_flags != 0) && !check_system(h)) return false;
  return h.e_shoff == 0 || find_headers(h);  // an object without sections
}

// gABI, "ELF Identification": what values that are reserved for systems mean depends on it. FreeBSD's are GNU's.
bool ElfFile::check_system(const FileHeader& h) {
  const unsigned system = h.e_ident[EI_OSABI], version = h.e_ident[EI_ABIVERSION];
  const std::uint32_t flags = h.e_flags;
  if (system != ELFOSABI_SYSV && system != ELFOSABI_GNU && system != ELFOSABI_FREEBSD) {
    return refuse(fmt::format("object for another system (EI_OSABI {}), which is not supported", system), "",
                  "compile for Linux");
  }
  if (version != 0) return refuse(fmt::format("object of unknown ABI version {}", version), "", "compile for Linux");
  return flags == 0 || refuse(fmt::format("object with unknown flags {:#x} in its header", flags), "",
                              std::string(kOtherMachineCure));
}

bool ElfFile::refuse_machine() {
  return refuse(elf_description(bytes_) + " is not supported", "", std::string(kOtherMachineCure));
}

bool ElfFile::find_headers(const FileHeader& h) {
  if (h.e_shentsize != sizeof(SectionHeader)) return bad("section headers of unknown size");
  table_offset_ = h.e_shoff;
  if (!bytes_.contains(table_offset_, sizeof(SectionHeader))) {
    return bad("section headers lie outside the file", table_offset_);
  }
  // gABI: counts that do not fit their 16 bits stand in section header 0.
  const auto& first = record_at<SectionHeader>(bytes_, table_offset_);
  const std::uint64_t count = h.e_shnum != 0 ? h.e_shnum : first.sh_size;
  const std::optional<Bytes> headers = bytes_.records(table_offset_, count, sizeof(SectionHeader));
  if (!headers || count >= 0xffff'ffff) return bad("section headers lie outside the file", table_offset_);
  headers_ = records_in<SectionHeader>(*headers);
  return strings(h.e_shstrndx == SHN_XINDEX ? std::uint32_t{first.sh_link} : h.e_shstrndx, names_);
}

// Numbers the sections of contents; finds the symbol table, its strings and its extended section indices, and how many
// groups there are.
bool ElfFile::survey() {
  std::uint32_t extended = 0;
  SectionNumbers numbers;
  const std::span<const SectionHeader> headers = headers_;
  SectionIndex* const number_of = numbers_.data();
  if (!headers.empty()) number_of[0] = SectionIndex{};
  for (std::size_t i = 1; i < headers.size(); ++i) {
    const SectionHeader& h = headers[i];
    const std::uint32_t type = h.sh_type;
    if (is_table(type)) {
      number_of[i] = numbers.next(h);
      if (!note_table(h, type, extended)) return false;
    } else {
      number_of[i] = numbers.next_of_contents();
    }
  }
  contents_count_ = numbers.count;
  if (symbol_section_ == 0) return true;
  return take_symbols(headers_[symbol_section_]) && (extended == 0 || take_extended(headers_[extended]));
}

bool ElfFile::take_extended(const SectionHeader& h) {
  if (h.sh_link != symbol_section_) return bad("extended section indices of another symbol table", h);
  if (h.sh_size != symbols_.size() * sizeof(std::uint32_t)) {
    return bad("extended section indices are not as many as symbols", h);
  }
  return contents(h, extended_);
}

bool ElfFile::note_table(const SectionHeader& h, std::uint32_t type, std::uint32_t& extended) {
  switch (type) {
    case SHT_GROUP: ++group_count_; break;
    case SHT_SYMTAB_SHNDX:
      if (extended != 0) return bad("more than one table of extended section indices", h);
      extended = index(h);
      break;
    case SHT_SYMTAB:
      if (symbol_section_ != 0) return bad("more than one symbol table", h);
      symbol_section_ = index(h);
      break;
    default: break;
  }
  return true;
}

bool ElfFile::take_symbols(const SectionHeader& h) {
  Bytes symbols;
  if (!contents(h, symbols)) return false;
  symbols_ = records_in<SymbolRecord>(symbols);
  if (h.sh_entsize != sizeof(SymbolRecord) || symbols_.size_bytes() != symbols.size()) {
    return bad("symbols of unknown size", h);
  }
  if (symbols_.size() >= 0xffff'ffff) return bad("too many symbols");
  if (h.sh_info > symbols_.size()) return bad("more local symbols than symbols", h);
  return strings(h.sh_link, symbol_names_);
}

bool ElfFile::contents(const SectionHeader& h, Bytes& found) {
  if (!bytes_.contains(h.sh_offset, h.sh_size)) return outside_file(h);
  found = Bytes(bytes_.span().subspan(h.sh_offset, h.sh_size));
  return true;
}

bool ElfFile::strings(std::uint32_t i, Bytes& found) {
  if (i == 0 || i >= headers_.size()) return bad(fmt::format("no string table: section {} does not exist", i));
  const SectionHeader& h = headers_[i];
  if (h.sh_type != SHT_STRTAB) return bad(fmt::format("section {} is not a string table", i), h);
  if (!contents(h, found)) return false;
  if (found.size() == 0 || found.span().back() != std::byte{0}) {
    return bad(fmt::format("string table {} does not end in NUL", i), h);
  }
  return true;
}

bool ElfFile::not_claimed(const SectionHeader& h) {
  if (!bytes_.contains(h.sh_offset, h.sh_size)) return outside_file(h);
  return bad("sections overlap in the file", h);
}

bool ElfFile::outside_file(const SectionHeader& h) {
  const std::uint64_t size = h.sh_size, offset = h.sh_offset;
  return bad(fmt::format("section {} lies outside the file ({} bytes at {:#x}, file of {} bytes)", index(h), size,
                         offset, bytes_.size()),
             h);
}

bool ElfFile::bad(std::string message, std::optional<std::uint64_t> offset) {
  Place place;
  place.object = name_;
  place.offset = offset;
  error_.emplace(ErrorCode::kMalformed, std::move(message), std::move(place));
  return false;
}

bool ElfFile::bad(std::string message, const SectionHeader& h) {
  return bad(std::move(message), table_offset_ + std::uint64_t{index(h)} * sizeof h);
}

bool ElfFile::refuse(std::string message, std::string_view section, std::string cure) {
  Place place;
  place.object = name_;
  place.section = section;
  error_ = Error(ErrorCode::kUnsupported, std::move(message), std::move(place)).with_cure(std::move(cure));
  return false;
}

Expected<void> ElfFile::result(bool sound) {
  if (sound) return {};
  return std::unexpected(*std::move(error_));
}

}  // namespace enfold::read
