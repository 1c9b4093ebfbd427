// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The frame of a relocatable file (gABI, "ELF Header", "Section Header"): its headers, and the tables that its sections
// and symbols are read from. What is found wrong with the file is kept here: a reader of its parts ends with false as
// soon as there is something.
#ifndef ENFOLD_READ_ELF_FILE_H_
#define ENFOLD_READ_ELF_FILE_H_

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <enfold/error.h>

#include "index.h"
#include "read/bytes.h"
#include "read/elf.h"
#include "read/elf_records.h"

namespace enfold::read {

// Ownership: borrows the bytes, the name and the machines.
class ElfFile {
 public:
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): room for numbers
  ElfFile(Bytes bytes, std::string_view name) : bytes_(bytes), name_(name) {}

  // Finds the headers, and the tables of symbols and names. Sections have their numbers.
  [[nodiscard]] bool open(std::span<const ElfMachine> machines);

  Bytes bytes() const { return bytes_; }
  const ElfMachine& machine() const { return *machine_; }  // once it is open
  std::span<const SectionHeader> headers() const { return headers_; }
  std::uint32_t header_count() const { return static_cast<std::uint32_t>(headers_.size()); }
  std::uint32_t group_count() const { return group_count_; }
  std::uint32_t link_once_count() const { return link_once_count_; }  // loaded sections .gnu.linkonce.*, as noted
  void note_link_once() { ++link_once_count_; }
  std::uint32_t index(const SectionHeader& h) const { return static_cast<std::uint32_t>(&h - headers_.data()); }
  Bytes names() const { return names_; }  // of sections
  // Which of the Object's sections each one is: 0 for what is none. They count up.
  std::span<const SectionIndex> numbers() const { return numbers_; }
  std::uint32_t contents_count() const { return contents_count_; }  // how many have a number

  std::uint32_t symbol_section() const { return symbol_section_; }  // 0: there is none
  std::uint32_t first_global() const { return symbol_section_ == 0 ? 0 : headers_[symbol_section_].sh_info; }
  std::span<const SymbolRecord> symbols() const { return symbols_; }
  Bytes symbol_names() const { return symbol_names_; }
  Bytes extended_indices() const { return extended_; }  // of symbols' sections

  // gABI: no byte of a file is in more than one section. A file in which many sections shared their bytes would be
  // linked as one of many times its size.
  [[nodiscard]] bool claim(const SectionHeader& h) {
    if (!bytes_.contains(h.sh_offset, h.sh_size) || h.sh_size > bytes_.size() - claimed_) return not_claimed(h);
    claimed_ += h.sh_size;
    return true;
  }

  // False, for who found it to return.
  [[gnu::cold]] bool bad(std::string message, std::optional<std::uint64_t> offset = {});
  [[gnu::cold]] bool bad(std::string message, const SectionHeader& h);
  [[gnu::cold]] bool refuse(std::string message, std::string_view section, std::string cure);
  // What was found, if anything.
  Expected<void> result(bool sound);

 private:
  bool read_headers(std::span<const ElfMachine> machines);
  [[gnu::cold]] bool check_system(const FileHeader& h);
  bool find_headers(const FileHeader& h);
  void make_room_for_numbers();
  bool survey();
  bool note_table(const SectionHeader& h, std::uint32_t type, std::uint32_t& extended);
  bool take_symbols(const SectionHeader& h);
  [[gnu::cold]] bool take_extended(const SectionHeader& h);
  bool contents(const SectionHeader& h, Bytes& found);
  bool strings(std::uint32_t i, Bytes& found);
  [[gnu::cold]] bool refuse_machine();
  [[gnu::cold]] bool not_claimed(const SectionHeader& h);
  [[gnu::cold]] bool outside_file(const SectionHeader& h);

  Bytes bytes_;
  std::string_view name_;
  const ElfMachine* machine_ = nullptr;
  std::uint64_t table_offset_ = 0;
  std::uint64_t claimed_ = 0;  // bytes of the file that sections have
  std::span<const SectionHeader> headers_;
  std::span<const SymbolRecord> symbols_;
  Bytes names_, symbol_names_, extended_;
  std::span<SectionIndex> numbers_;  // in one of these
  std::array<SectionIndex, 64> few_numbers_;
  std::unique_ptr<SectionIndex[]> more_numbers_;
  std::uint32_t contents_count_ = 0, symbol_section_ = 0, group_count_ = 0, link_once_count_ = 0;
  std::optional<Error> error_;
};

}  // namespace enfold::read

#endif  // ENFOLD_READ_ELF_FILE_H_
