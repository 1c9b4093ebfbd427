// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The frame of a relocatable file (gABI, "ELF Header", "Section Header"): its headers, and the tables that its sections
// and symbols are read from. What is found wrong with the file is kept here: a reader of its parts ends with false as
// soon as there is something.
#ifndef ENFOLD_READ_ELF_FILE_H_
#define ENFOLD_READ_ELF_FILE_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <enfold/error.h>

#include "arena.h"
#include "index.h"
#include "read/bytes.h"
#include "read/elf.h"
#include "read/elf_records.h"

namespace enfold::read {

// Ownership: borrows the bytes and the name; what it makes lies in the arena.
class ElfFile {
 public:
  ElfFile(Bytes bytes, std::string_view name) : bytes_(bytes), name_(name) {}

  // Finds the headers, and the tables of symbols and names. No section has a number yet.
  [[nodiscard]] bool open(std::span<const ElfMachine> machines, Arena& arena);

  Bytes bytes() const { return bytes_; }
  const ElfMachine& machine() const { return machine_; }
  std::span<const SectionHeader> headers() const { return headers_; }
  std::uint32_t section_count() const { return static_cast<std::uint32_t>(headers_.size()); }
  std::uint32_t group_count() const { return group_count_; }
  std::uint64_t header_offset(std::uint32_t i) const {
    return table_offset_ + std::uint64_t{i} * sizeof(SectionHeader);
  }
  Bytes names() const { return names_; }  // of sections
  // Which of the Object's sections each one is: 0 for what is none.
  std::span<SectionIndex> numbers() const { return numbers_; }

  std::uint32_t symbol_section() const { return symbol_section_; }  // 0: there is none
  std::uint32_t first_global() const { return symbol_section_ == 0 ? 0 : headers_[symbol_section_].sh_info; }
  std::span<const SymbolRecord> symbols() const { return symbols_; }
  Bytes symbol_names() const { return symbol_names_; }
  Bytes extended_indices() const { return extended_; }  // of symbols' sections

  // gABI: no byte of a file is in more than one section. A file in which many sections shared their bytes would be
  // linked as one of many times its size.
  [[nodiscard]] bool claim(std::uint32_t i, const SectionHeader& h) {
    if (!bytes_.contains(h.sh_offset, h.sh_size) || h.sh_size > bytes_.size() - claimed_) return not_claimed(i, h);
    claimed_ += h.sh_size;
    return true;
  }

  // False, for who found it to return.
  [[gnu::cold]] bool bad(std::string message, std::optional<std::uint64_t> offset = {});
  [[gnu::cold]] bool refuse(std::string message, std::string_view section, std::string cure);
  // What was found, if anything.
  Expected<void> result(bool sound);

 private:
  bool read_headers(std::span<const ElfMachine> machines);
  bool find_headers(const FileHeader& h);
  bool find_tables();
  bool take_symbols(const SectionHeader& h);
  bool contents(std::uint32_t i, Bytes& found);
  bool strings(std::uint32_t i, Bytes& found);
  [[gnu::cold]] bool not_claimed(std::uint32_t i, const SectionHeader& h);
  [[gnu::cold]] bool outside_file(std::uint32_t i, const SectionHeader& h);

  Bytes bytes_;
  std::string_view name_;
  ElfMachine machine_{};
  std::uint64_t table_offset_ = 0;
  std::uint64_t claimed_ = 0;  // bytes of the file that sections have
  std::span<const SectionHeader> headers_;
  std::span<const SymbolRecord> symbols_;
  Bytes names_, symbol_names_, extended_;
  std::span<SectionIndex> numbers_;
  std::uint32_t symbol_section_ = 0, group_count_ = 0;
  std::optional<Error> error_;
};

}  // namespace enfold::read

#endif  // ENFOLD_READ_ELF_FILE_H_
