// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// ELF64 objects as bytes whose fields can be set, to any value, whole or not.
#ifndef ENFOLD_TEST_FUZZ_ELF_EDIT_H_
#define ENFOLD_TEST_FUZZ_ELF_EDIT_H_

#include <elf.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace enfold::fuzz {

// Of a file for this machine, without tables.
Elf64_Ehdr elf_header(std::uint16_t type);

// Where a field stands in the file.
struct Field {
  std::uint64_t offset = 0;
  std::uint8_t width = 0;  // bytes
};

class ElfEdit {
 public:
  explicit ElfEdit(std::vector<std::byte> bytes) : bytes_(std::move(bytes)) {}

  std::vector<std::byte>& bytes() { return bytes_; }
  const std::vector<std::byte>& bytes() const { return bytes_; }

  // Out of the file: zero, and nothing is written.
  template <class T>
  T get(std::uint64_t offset) const {
    T value{};
    if (offset <= bytes_.size() && bytes_.size() - offset >= sizeof value) {
      std::memcpy(&value, bytes_.data() + offset, sizeof value);
    }
    return value;
  }
  template <class T>
  void put(std::uint64_t offset, const T& value) {
    if (offset <= bytes_.size() && bytes_.size() - offset >= sizeof value) {
      std::memcpy(bytes_.data() + offset, &value, sizeof value);
    }
  }
  std::uint64_t get(Field field) const;
  void put(Field field, std::uint64_t value);

  Elf64_Ehdr header() const { return get<Elf64_Ehdr>(0); }
  std::uint32_t section_count() const;
  std::uint64_t section_at(std::uint32_t i) const { return header().e_shoff + std::uint64_t{i} * sizeof(Elf64_Shdr); }
  Elf64_Shdr section(std::uint32_t i) const { return get<Elf64_Shdr>(section_at(i)); }
  void set_section(std::uint32_t i, const Elf64_Shdr& h) { put(section_at(i), h); }
  std::string_view section_name(std::uint32_t i) const;

  // The first of that name, or of that type; 0 where there is none.
  std::uint32_t find(std::string_view name) const;
  std::uint32_t find_type(std::uint32_t type) const;
  // The relocations of a section.
  std::uint32_t relocations_of(std::uint32_t section) const;

  // Turns each section of relocations into a compact one (SHT_CREL), in the same place.
  void make_relocations_compact();

  // Gives a section other contents, at the end of the file.
  void set_contents(std::uint32_t section, std::span<const std::byte> contents);
  // As far as they lie in the file.
  std::vector<std::byte> contents(std::uint32_t section) const;

  // Fields of every header, symbol, relocation, group, note and unwind record, as far as they can be found.
  std::vector<Field> fields() const;

 private:
  void add_unwind_fields(const Elf64_Shdr& h, std::vector<Field>& fields) const;
  void add_note_fields(const Elf64_Shdr& h, std::vector<Field>& fields) const;
  std::vector<std::byte> bytes_;
};

// Makes objects from scratch: sections, symbols, and relocations in the order in which they are added.
class ElfBuilder {
 public:
  struct Section {
    std::string name{};
    std::uint32_t type = SHT_PROGBITS;
    std::uint64_t flags = SHF_ALLOC | SHF_EXECINSTR;
    std::uint64_t size = 0;  // when not 0: said in place of the contents' size, for SHT_NOBITS
    std::uint64_t align = 1;
    std::uint32_t link = 0, info = 0;
    std::uint64_t entry_size = 0;
    std::vector<std::byte> contents{};
  };

  ElfBuilder();
  // From 1 on.
  std::uint32_t add_section(Section section);
  // Locals first.
  std::uint32_t add_symbol(std::string_view name, std::uint8_t info, std::uint16_t section, std::uint64_t value = 0,
                           std::uint64_t size = 0);
  void add_relocations(std::uint32_t section, const std::vector<Elf64_Rela>& records);
  // Its section's number.
  std::uint32_t add_group(std::uint32_t signature, const std::vector<std::uint32_t>& members, bool comdat = true);
  ElfEdit build() const;

 private:
  std::uint32_t add_name(std::string_view name);

  std::vector<Section> sections_;
  std::vector<Elf64_Sym> symbols_;
  std::string names_{'\0'};
  std::uint32_t local_count_ = 1;
};

// Relocation record.
constexpr Elf64_Rela rela(std::uint64_t offset, std::uint32_t symbol, std::uint32_t type, std::int64_t addend = 0) {
  return {.r_offset = offset, .r_info = ELF64_R_INFO(std::uint64_t{symbol}, type), .r_addend = addend};
}

constexpr std::uint32_t kShtCrel = 0x4000'0014;
// Contents of a compact section; offsets are in units of 1 << shift.
std::vector<std::byte> compact(const std::vector<Elf64_Rela>& records, unsigned shift = 0);

constexpr std::uint8_t kGlobalFunction = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC);
constexpr std::uint8_t kGlobalObject = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT);
constexpr std::uint8_t kGlobalNone = ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE);
constexpr std::uint8_t kLocalSection = ELF64_ST_INFO(STB_LOCAL, STT_SECTION);

}  // namespace enfold::fuzz

#endif  // ENFOLD_TEST_FUZZ_ELF_EDIT_H_
