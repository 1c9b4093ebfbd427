// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Symbols (gABI, "Symbol Table"): local ones come first in their table. What lies in a thread-local section is STT_TLS,
// and nothing else is.
#include <elf.h>

#include <array>
#include <bit>
#include <cstddef>
#include <memory>

#include <fmt/format.h>

#include "read/elf_parts.h"
#include "read/file_kind.h"

namespace enfold::read {
namespace {

// Unknown ones, too, seem to be local.
constexpr Binding binding_of(unsigned info) {
  switch (ELF64_ST_BIND(info)) {
    case STB_GLOBAL: return Binding::kGlobal;
    case STB_WEAK: return Binding::kWeak;
    case STB_GNU_UNIQUE: return Binding::kUnique;
    default: return Binding::kLocal;
  }
}

constexpr SymbolType type_of(unsigned info) {
  switch (ELF64_ST_TYPE(info)) {
    case STT_OBJECT:
    case STT_COMMON: return SymbolType::kObject;
    case STT_FUNC: return SymbolType::kFunction;
    case STT_SECTION: return SymbolType::kSection;
    case STT_FILE: return SymbolType::kFile;
    case STT_TLS: return SymbolType::kThreadLocal;
    case STT_GNU_IFUNC: return SymbolType::kIndirectFunction;
    default: return SymbolType::kNone;
  }
}

// A type that this linker does not know may be any: what an operating system adds, or a machine.
constexpr bool is_known_type(unsigned info) {
  return ELF64_ST_TYPE(info) == STT_NOTYPE || type_of(info) != SymbolType::kNone;
}

constexpr bool is_local(unsigned info) { return ELF64_ST_BIND(info) == STB_LOCAL; }

// By the byte that holds both.
struct Info {
  Binding binding{};
  SymbolType type{};
  bool unknown = false;  // the type
};
constexpr auto kInfos = [] {
  std::array<Info, 256> infos{};
  for (unsigned i = 0; i < infos.size(); ++i) infos[i] = {binding_of(i), type_of(i), !is_known_type(i)};
  return infos;
}();

// By the two bits of its visibility: default, internal, hidden, protected.
constexpr std::array kVisibilities = {SymbolVisibility::kDefault, SymbolVisibility::kHidden, SymbolVisibility::kHidden,
                                      SymbolVisibility::kProtected};
constexpr unsigned kVisibilityBits = 3;  // of st_other; no machine here gives the others a meaning
static_assert(STV_INTERNAL == 1 && STV_HIDDEN == 2 && STV_PROTECTED == 3);

// All but where it lies.
constexpr Symbol decode(const SymbolRecord& s) {
  const Info info = kInfos[s.st_info];
  return {.value = s.st_value,
          .name = s.st_name,
          .section = {},
          .binding = info.binding,
          .type = info.type,
          .visibility = kVisibilities[ELF64_ST_VISIBILITY(s.st_other)]};
}

class SymbolReader {
 public:
  // `symbols` is room for them.
  SymbolReader(ElfFile& file, Object& object, std::span<Symbol> symbols)
      : file_(file), object_(object), symbols_(symbols), numbers_(file.numbers()), sections_(object.sections) {}

  bool read() {
    const std::span<const SymbolRecord> records = file_.symbols();
    const std::uint32_t first_global = file_.first_global();
    return read_as<true>(records.first(first_global), symbols_.data()) &&
           read_as<false>(records.subspan(first_global), symbols_.data() + first_global);
  }

 private:
  template <bool kLocal>
  bool read_as(std::span<const SymbolRecord> records, Symbol* next);
  bool place(std::uint32_t section, Symbol& symbol);
  bool place_in_section(std::uint32_t section, Symbol& symbol);
  bool find_extended_index(const Symbol& symbol, std::uint32_t& section);
  bool place_specially(std::uint32_t section, Symbol& symbol);
  bool place_common(Symbol& symbol);
  [[gnu::cold]] bool bad_symbol(const SymbolRecord& s);
  [[gnu::cold]] bool misplaced(std::uint32_t section, const Symbol& symbol);
  std::uint32_t number(const Symbol& symbol) const { return static_cast<std::uint32_t>(&symbol - symbols_.data()); }

  ElfFile& file_;
  Object& object_;
  const std::span<Symbol> symbols_;
  const std::span<const SectionIndex> numbers_;
  const Table<SectionIndex, Section> sections_;
};

template <bool kLocal>
bool SymbolReader::read_as(std::span<const SymbolRecord> records, Symbol* next) {
  const std::uint64_t name_end = object_.strings.size();
  bool thread_locals = false;
  for (const SymbolRecord& s : records) {
    const bool bound = kLocal ? is_local(s.st_info) : kInfos[s.st_info].binding != Binding::kLocal;
    const bool unknown = kInfos[s.st_info].unknown || (s.st_other & ~kVisibilityBits) != 0;
    if (s.st_name >= name_end || !bound || unknown) return bad_symbol(s);
    Symbol& symbol = *std::construct_at(next++, decode(s));
    thread_locals |= symbol.type == SymbolType::kThreadLocal;
    if (!place(s.st_shndx, symbol)) return false;
  }
  object_.has_thread_locals |= thread_locals;
  return true;
}

bool SymbolReader::bad_symbol(const SymbolRecord& s) {
  const auto i = &s - file_.symbols().data();
  if (s.st_name >= object_.strings.size()) {
    return file_.bad(fmt::format("the name of symbol {} lies outside its table", i));
  }
  if (!is_local(s.st_info) && kInfos[s.st_info].binding == Binding::kLocal) {
    return file_.bad(fmt::format("symbol {} has unknown binding {}", i, ELF64_ST_BIND(s.st_info)));
  }
  if (is_local(s.st_info) != (static_cast<std::uint32_t>(i) < file_.first_global())) {
    return file_.bad(fmt::format("symbol {} is on the wrong side of the local symbols' end", i));
  }
  const char* const name = object_.strings.data() + s.st_name;
  if (kInfos[s.st_info].unknown) {
    return file_.refuse(fmt::format("symbol {} ({}) has unknown type {}", i, name, ELF64_ST_TYPE(s.st_info)), "", "");
  }
  return file_.refuse(fmt::format("symbol {} ({}) has unknown bits {:#x} in st_other", i, name, s.st_other), "", "");
}

bool SymbolReader::place(std::uint32_t section, Symbol& symbol) {
  if (section >= SHN_LORESERVE) {
    if (section != SHN_XINDEX) return place_specially(section, symbol);
    if (!find_extended_index(symbol, section)) return false;
  }
  return place_in_section(section, symbol);
}

bool SymbolReader::place_in_section(std::uint32_t section, Symbol& symbol) {
  if (section == 0) return true;
  if (section >= numbers_.size()) return misplaced(section, symbol);
  symbol.place = SymbolPlace::kSection;
  symbol.section = numbers_[section];
  const SectionRole role = sections_[symbol.section].role;
  if ((role == SectionRole::kThreadLocal) == (symbol.type == SymbolType::kThreadLocal)) return true;
  return role == SectionRole::kIgnored || symbol.type == SymbolType::kSection || misplaced(section, symbol);
}

bool SymbolReader::misplaced(std::uint32_t section, const Symbol& symbol) {
  if (section >= numbers_.size()) {
    return file_.bad(fmt::format("symbol {} lies in section {}, which does not exist", number(symbol), section));
  }
  return file_.bad(
      fmt::format("symbol {} is thread-local and its section is not, or the other way round", number(symbol)));
}

bool SymbolReader::find_extended_index(const Symbol& symbol, std::uint32_t& section) {
  const std::uint64_t at = std::uint64_t{number(symbol)} * sizeof(std::uint32_t);
  const auto extended = file_.extended_indices().load<std::uint32_t>(at);
  if (!extended) return file_.bad(fmt::format("symbol {} has no extended section index", number(symbol)));
  section = *extended;
  return true;
}

bool SymbolReader::place_specially(std::uint32_t section, Symbol& symbol) {
  if (section == SHN_ABS) {
    symbol.place = SymbolPlace::kAbsolute;
    return true;
  }
  if (section != SHN_COMMON && section != file_.machine().large_common_index) {
    return file_.bad(fmt::format("symbol {} has unknown section index {:#x}", number(symbol), section));
  }
  symbol.place = section == SHN_COMMON ? SymbolPlace::kCommon : SymbolPlace::kLargeCommon;
  return place_common(symbol);
}

// Storage that the linker allots. In the file its value is its alignment.
bool SymbolReader::place_common(Symbol& symbol) {
  const std::uint32_t i = number(symbol);
  if (object_.is_local(SymbolIndex{i})) return file_.bad(fmt::format("common symbol {} is local", i));
  if (object_.strings.substr(symbol.name).starts_with(std::string_view("__gnu_lto_slim\0", 15))) {
    return file_.refuse(std::string(kLtoOnly), "", std::string(kLtoCure));
  }
  if (symbol.value > 1 && !std::has_single_bit(symbol.value)) {
    return file_.bad(fmt::format("common symbol {} is aligned to no power of two", i));
  }
  const std::uint64_t size = file_.symbols()[i].st_size;
  if (size >= std::uint64_t{1} << 46 || symbol.value > std::uint64_t{1} << 40) {
    return file_.bad(fmt::format("common symbol {} is larger than the address space", i));
  }
  symbol.common_p2align = symbol.value == 0 ? 0 : static_cast<std::uint32_t>(std::countr_zero(symbol.value));
  symbol.value = size;
  return true;
}

// Sizes stay where they are, in records that may begin at any address.
void note_sizes(std::span<const SymbolRecord> records, Object& object) {
  if (records.empty()) return;
  object.symbol_sizes = reinterpret_cast<const std::byte*>(records.data()) + offsetof(SymbolRecord, st_size);
  object.symbol_stride = sizeof(SymbolRecord);
}

}  // namespace

bool read_symbols(ElfFile& file, Arena& arena, Object& object) {
  const std::span<Symbol> symbols = arena.make_for_overwrite<Symbol>(file.symbols().size());
  object.symbols = Table<SymbolIndex, Symbol>(symbols);
  note_sizes(file.symbols(), object);
  object.strings = file.symbol_names().text();
  object.first_global = SymbolIndex{file.first_global()};
  return SymbolReader(file, object, symbols).read();
}

}  // namespace enfold::read
