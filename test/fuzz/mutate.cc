// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "mutate.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <string_view>

#include "elf_edit.h"

namespace enfold::fuzz {

// Values at which arithmetic goes wrong: ends of types, of the file, and neighbours of what stood there.
std::uint64_t Mutator::odd_value(std::uint64_t old, std::uint64_t file_size) {
  const std::uint64_t one = 1;
  const std::uint64_t values[] = {0,
                                  1,
                                  2,
                                  3,
                                  4,
                                  7,
                                  8,
                                  16,
                                  24,
                                  63,
                                  64,
                                  0x7f,
                                  0x80,
                                  0xff,
                                  0x100,
                                  0xfff,
                                  0x1000,
                                  0xfeff,
                                  0xff00,
                                  0xfff1,
                                  0xfff2,
                                  0xffff,
                                  0x10000,
                                  0x7fff'ffff,
                                  0x8000'0000,
                                  0xffff'fffe,
                                  0xffff'ffff,
                                  one << 32,
                                  (one << 40),
                                  one << 45,
                                  (one << 46) - 1,
                                  one << 46,
                                  one << 47,
                                  one << 62,
                                  (one << 63) - 1,
                                  one << 63,
                                  ~one,
                                  ~(one - 1),
                                  old + 1,
                                  old - 1,
                                  old * 2,
                                  old / 2,
                                  old ^ 0x80,
                                  ~old,
                                  old << 8,
                                  old + 8,
                                  old - 8,
                                  old + 4,
                                  old - 4,
                                  file_size,
                                  file_size - 1,
                                  file_size + 1,
                                  file_size - old,
                                  below(64),
                                  below(file_size),
                                  random_()};
  return values[below(std::size(values))];
}

void Mutator::flip_bits(std::vector<std::byte>& bytes) {
  for (std::uint64_t n = 1 + below(8); n != 0; --n) bytes[below(bytes.size())] ^= std::byte{1} << below(8);
}

void Mutator::set_bytes(std::vector<std::byte>& bytes) {
  const std::uint64_t at = below(bytes.size()), size = std::min(1 + below(16), bytes.size() - at);
  const auto value = static_cast<std::byte>(below(3) == 0 ? 0xff : below(256));
  std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), size, value);
}

void Mutator::truncate(std::vector<std::byte>& bytes) { bytes.resize(1 + below(bytes.size())); }

void Mutator::edit_field(std::vector<std::byte>& bytes) {
  ElfEdit edit(std::move(bytes));
  const std::vector<Field> fields = edit.fields();
  const Field field = fields[below(fields.size())];
  edit.put(field, odd_value(edit.get(field), edit.bytes().size()));
  bytes = std::move(edit.bytes());
}

void Mutator::swap_fields(std::vector<std::byte>& bytes) {
  ElfEdit edit(std::move(bytes));
  const std::vector<Field> fields = edit.fields();
  const Field a = fields[below(fields.size())], b = fields[below(fields.size())];
  const std::uint64_t from_a = edit.get(a), from_b = edit.get(b);
  edit.put(a, from_b);
  edit.put(b, from_a);
  bytes = std::move(edit.bytes());
}

void Mutator::splice(std::vector<std::byte>& bytes) {
  const std::vector<std::byte> other = seeds_.empty() ? bytes : pick().bytes;
  const std::uint64_t keep = below(bytes.size()), from = below(other.size());
  bytes.resize(keep);
  bytes.insert(bytes.end(), other.begin() + static_cast<std::ptrdiff_t>(from), other.end());
  if (bytes.empty()) bytes.resize(1);
}

void Mutator::duplicate_range(std::vector<std::byte>& bytes) {
  const std::uint64_t from = below(bytes.size()), to = below(bytes.size());
  const std::uint64_t size = std::min({1 + below(256), bytes.size() - from, bytes.size() - to});
  std::copy_n(std::vector<std::byte>(bytes).begin() + static_cast<std::ptrdiff_t>(from), size,
              bytes.begin() + static_cast<std::ptrdiff_t>(to));
}

// ---- Changes that leave an object's form as it is, so that readers go on to what the changed part means

namespace {

constexpr std::string_view kNames[] = {".text",
                                       ".data",
                                       ".bss",
                                       ".rodata",
                                       ".eh_frame",
                                       ".init",
                                       ".fini",
                                       ".init_array",
                                       ".init_array.5",
                                       ".fini_array",
                                       ".preinit_array",
                                       ".ctors",
                                       ".dtors.9",
                                       ".tdata",
                                       ".tbss",
                                       ".data.rel.ro",
                                       ".debug_info",
                                       ".zdebug_info",
                                       ".gcc_except_table",
                                       ".note.gnu.property",
                                       ".note.GNU-stack",
                                       ".gnu.linkonce.t.f",
                                       ".gnu.linkonce.r.f",
                                       ".sframe",
                                       ".jcr",
                                       ".comment",
                                       ".group",
                                       ".rela.text",
                                       "bag",
                                       "main",
                                       "",
                                       ".gnu.lto_.lto.x"};
constexpr std::uint32_t kTypes[] = {
    SHT_NULL,       SHT_PROGBITS,      SHT_SYMTAB,         SHT_STRTAB, SHT_RELA,         SHT_HASH,
    SHT_DYNAMIC,    SHT_NOTE,          SHT_NOBITS,         SHT_REL,    SHT_SHLIB,        SHT_DYNSYM,
    SHT_INIT_ARRAY, SHT_FINI_ARRAY,    SHT_PREINIT_ARRAY,  SHT_GROUP,  SHT_SYMTAB_SHNDX, 19,
    kShtCrel,       SHT_X86_64_UNWIND, SHT_GNU_ATTRIBUTES, SHT_LOUSER, 0x6fff4c03};
constexpr unsigned kFlagBits[] = {0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 20, 21, 28, 31};

// Of tables.
std::uint64_t record_size(const Elf64_Shdr& h) {
  switch (h.sh_type) {
    case SHT_SYMTAB:
      return sizeof(Elf64_Sym);
    case SHT_RELA:
      return sizeof(Elf64_Rela);
    case SHT_GROUP:
      return sizeof(std::uint32_t);
    default:
      return 0;
  }
}

// Where unwind records begin, without those that are cut short.
std::vector<std::uint64_t> unwind_records(const std::vector<std::byte>& frames) {
  std::vector<std::uint64_t> all;
  for (std::uint64_t at = 0; at + 4 <= frames.size();) {
    std::uint32_t length = 0;
    std::memcpy(&length, frames.data() + at, sizeof length);
    if (length > frames.size() - at - 4) break;
    all.push_back(at);
    at += std::uint64_t{4} + length;
  }
  return all;
}

}  // namespace

void Mutator::edit_section(std::vector<std::byte>& bytes) {
  ElfEdit edit(std::move(bytes));
  const auto i = static_cast<std::uint32_t>(below(edit.section_count())),
             other = static_cast<std::uint32_t>(below(edit.section_count()));
  Elf64_Shdr h = edit.section(i);
  switch (below(6)) {
    case 0:
      h.sh_type = kTypes[below(std::size(kTypes))];
      break;
    case 1:
      h.sh_flags ^= std::uint64_t{1} << kFlagBits[below(std::size(kFlagBits))];
      break;
    case 2:
      h.sh_link = other;
      break;
    case 3:
      h.sh_info = other;
      break;
    case 4:
      h.sh_addralign = std::uint64_t{1} << below(24);
      break;
    default: {
      const auto names = static_cast<std::uint32_t>(edit.header().e_shstrndx);
      std::vector<std::byte> all = edit.contents(names);
      h.sh_name = static_cast<std::uint32_t>(all.size());
      const std::string_view name = kNames[below(std::size(kNames))];
      for (const char c : name) all.push_back(static_cast<std::byte>(c));
      all.push_back(std::byte{0});
      edit.set_contents(names, all);
      if (i == names) h = edit.section(i);
    }
  }
  edit.set_section(i, h);
  bytes = std::move(edit.bytes());
}

// Swaps, copies, drops or adds records of a table.
void Mutator::edit_records(std::vector<std::byte>& bytes) {
  ElfEdit edit(std::move(bytes));
  for (int tries = 0; tries < 8; ++tries) {
    const auto i = static_cast<std::uint32_t>(below(edit.section_count()));
    const std::uint64_t size = record_size(edit.section(i));
    std::vector<std::byte> all = edit.contents(i);
    if (size == 0 || all.size() < size) continue;
    const std::uint64_t count = all.size() / size;
    const auto record = [&](std::uint64_t n) { return all.begin() + static_cast<std::ptrdiff_t>(n * size); };
    const auto a = record(below(count)), b = record(below(count));
    switch (below(4)) {
      case 0:
        std::swap_ranges(a, a + static_cast<std::ptrdiff_t>(size), b);
        break;
      case 1:
        std::ranges::copy(std::vector<std::byte>(a, a + static_cast<std::ptrdiff_t>(size)), b);
        break;
      case 2:
        all.erase(a, a + static_cast<std::ptrdiff_t>(size));
        break;
      default: {
        const std::vector<std::byte> added(a, record(count));
        all.insert(all.end(), added.begin(), added.end());
      }
    }
    edit.set_contents(i, all);
    break;
  }
  bytes = std::move(edit.bytes());
}

// Another type, symbol or place for one relocation, of those that there are.
void Mutator::edit_relocation(std::vector<std::byte>& bytes) {
  ElfEdit edit(std::move(bytes));
  for (int tries = 0; tries < 8; ++tries) {
    const Elf64_Shdr h = edit.section(static_cast<std::uint32_t>(below(edit.section_count())));
    if (h.sh_type != SHT_RELA || h.sh_size < sizeof(Elf64_Rela)) continue;
    const std::uint64_t at = h.sh_offset + below(h.sh_size / sizeof(Elf64_Rela)) * sizeof(Elf64_Rela);
    auto record = edit.get<Elf64_Rela>(at);
    const std::uint64_t symbols = edit.section(h.sh_link).sh_size / sizeof(Elf64_Sym);
    std::uint64_t symbol = ELF64_R_SYM(record.r_info), type = ELF64_R_TYPE(record.r_info);
    switch (below(4)) {
      case 0:
        symbol = below(symbols);
        break;
      case 1:
        record.r_offset = below(edit.section(h.sh_info).sh_size + 1);
        break;
      case 2:
        record.r_addend += static_cast<std::int64_t>(below(17)) - 8;
        break;
      default:
        type = below(56);
    }
    record.r_info = ELF64_R_INFO(symbol, type);
    edit.put(at, record);
    break;
  }
  bytes = std::move(edit.bytes());
}

// Copies, drops or swaps whole unwind records, or changes what a CIE says of its FDEs.
void Mutator::edit_unwind(std::vector<std::byte>& bytes) {
  ElfEdit edit(std::move(bytes));
  const std::uint32_t section = edit.find(".eh_frame");
  std::vector<std::byte> frames = edit.contents(section);
  const std::vector<std::uint64_t> records = unwind_records(frames);
  if (section != 0 && !records.empty()) {
    const std::uint64_t at = records[below(records.size())];
    std::uint32_t length = 0;
    std::memcpy(&length, frames.data() + at, sizeof length);
    const auto begin = frames.begin() + static_cast<std::ptrdiff_t>(at),
               end = begin + 4 + static_cast<std::ptrdiff_t>(length);
    constexpr std::string_view kBytes("zRPLSB\0\1\3\4\x1b\x9b\0\x0b\x0c\x10\x50\xff\x7f\x80", 20);
    switch (below(5)) {
      case 0: {
        const std::vector<std::byte> copy(begin, end);
        frames.insert(frames.begin() + static_cast<std::ptrdiff_t>(records[below(records.size())]), copy.begin(),
                      copy.end());
        break;
      }
      case 1:
        frames.erase(begin, end);
        break;
      case 2: {  // longer or shorter by a word, with its contents
        length += below(2) == 0 ? 4u : -4u;
        std::memcpy(frames.data() + at, &length, sizeof length);
        break;
      }
      default:
        if (length > 12) frames[at + 8 + below(length - 8)] = static_cast<std::byte>(kBytes[below(kBytes.size())]);
    }
    edit.set_contents(section, frames);
  }
  bytes = std::move(edit.bytes());
}

void Mutator::change(std::vector<std::byte>& bytes) {
  if (bytes.empty()) bytes.resize(1);
  switch (below(24)) {
    case 0:
      return flip_bits(bytes);
    case 1:
      return set_bytes(bytes);
    case 2:
      return truncate(bytes);
    case 3:
      return splice(bytes);
    case 4:
      return duplicate_range(bytes);
    case 5:
      return swap_fields(bytes);
    case 6:
    case 7:
      return edit_section(bytes);
    case 8:
    case 9:
      return edit_records(bytes);
    case 10:
    case 11:
      return edit_relocation(bytes);
    case 12:
    case 13:
      return edit_unwind(bytes);
    default:
      return edit_field(bytes);
  }
}

std::vector<std::byte> Mutator::next() {
  std::vector<std::byte> bytes = pick().bytes;
  for (std::uint64_t n = 1 + below(4); n != 0; --n) change(bytes);
  return bytes;
}

}  // namespace enfold::fuzz
