// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "read/elf.h"

#include <elf.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "read/elf_properties.h"

namespace enfold::read {
namespace {

#ifndef SHT_RELR
#define SHT_RELR 19
#endif
constexpr std::uint32_t kShtCrel = 0x40000014;
constexpr std::uint64_t kShfGnuRetain = 1u << 21;
constexpr std::string_view kPropertySection = ".note.gnu.property";
constexpr std::uint32_t kDefaultPriority = 65536;  // after every numbered initialiser

bool has_prefix_or_is(std::string_view name, std::string_view stem) {
  return name.starts_with(stem) && (name.size() == stem.size() || name[stem.size()] == '.');
}

// ".init_array.00101" -> 101
std::uint32_t priority_suffix(std::string_view name, std::string_view stem) {
  if (name.size() <= stem.size() + 1) return kDefaultPriority;
  std::uint32_t n = 0;
  const char* end = name.data() + name.size();
  const auto [stop, failure] = std::from_chars(name.data() + stem.size() + 1, end, n);
  return failure == std::errc() && stop == end ? std::min(n, kDefaultPriority) : kDefaultPriority;
}

// Sections of contents, loaded or not. The others tell the linker about those, and nothing lies in them.
bool has_contents(const Elf64_Shdr& h) {
  switch (h.sh_type) {
    case SHT_NULL:
    case SHT_GROUP: return false;
    case SHT_SYMTAB:
    case SHT_STRTAB:
    case SHT_SYMTAB_SHNDX:
    case SHT_RELA:
    case SHT_REL: return (h.sh_flags & SHF_ALLOC) != 0;
    default: return true;
  }
}

bool is_debug_name(std::string_view name) { return name.starts_with(".debug_") || name.starts_with(".zdebug_"); }

bool is_relro_name(std::string_view name) {
  constexpr std::string_view kStems[] = {".data.rel.ro", ".bss.rel.ro", ".jcr", ".tm_clone_table", ".got"};
  return std::ranges::any_of(kStems, [&](std::string_view stem) { return has_prefix_or_is(name, stem); });
}

constexpr bool is_relocations(std::uint32_t type) {
  return type == SHT_RELA || type == SHT_REL || type == SHT_RELR || type == kShtCrel;
}

class ElfReader {
 public:
  ElfReader(Bytes file, std::span<const ElfMachine> machines, Arena& arena, Object& object)
      : file_(file), machines_(machines), arena_(arena), object_(object) {}

  Expected<void> read();
  Expected<void> read_for_definitions();

 private:
  Error malformed(std::string message, std::optional<std::uint64_t> offset = {}) const {
    Place place;
    place.object = object_.name;
    place.offset = offset;
    return Error(ErrorCode::kMalformed, std::move(message), std::move(place));
  }
  std::unexpected<Error> bad(std::string message, std::optional<std::uint64_t> offset = {}) const {
    return std::unexpected(malformed(std::move(message), offset));
  }
  std::unexpected<Error> refuse(std::string message, std::string_view section, std::string cure) const {
    Place place;
    place.object = object_.name;
    place.section = section;
    return std::unexpected(
        Error(ErrorCode::kUnsupported, std::move(message), std::move(place)).with_cure(std::move(cure)));
  }

  Elf64_Shdr header(std::uint32_t i) const {
    return load_unchecked<Elf64_Shdr>(headers_.data() + std::uint64_t{i} * sizeof(Elf64_Shdr));
  }
  std::uint32_t type(std::uint32_t i) const {
    return load_unchecked<std::uint32_t>(headers_.data() + std::uint64_t{i} * sizeof(Elf64_Shdr) +
                                         offsetof(Elf64_Shdr, sh_type));
  }
  std::uint64_t header_offset(std::uint32_t i) const { return table_offset_ + std::uint64_t{i} * sizeof(Elf64_Shdr); }
  Expected<Bytes> contents(std::uint32_t i, const Elf64_Shdr& h) const;
  std::unexpected<Error> outside_file(std::uint32_t i, const Elf64_Shdr& h) const;
  Expected<Bytes> own_contents(std::uint32_t i, const Elf64_Shdr& h);
  Expected<Bytes> strings(std::uint32_t i) const;

  // Where no sections are read, all symbols lie in none.
  SectionIndex number_of(std::uint32_t i) const { return numbers_.empty() ? SectionIndex{} : numbers_[i]; }

  Expected<void> read_headers();
  Expected<void> find_tables();
  Expected<void> read_sections();
  Expected<void> check_name(std::uint32_t i, const Elf64_Shdr& h) const;
  Expected<void> read_section(std::uint32_t i, const Elf64_Shdr& h, Section& section);
  Expected<void> read_marks(std::uint32_t i, const Elf64_Shdr& h, const Section& section);
  Expected<void> classify(const Elf64_Shdr& h, Section& section);
  bool classify_array(const Elf64_Shdr& h, Section& section);
  Expected<void> read_relocations(std::uint32_t i, const Elf64_Shdr& h);
  Expected<void> read_symbols();
  Expected<void> read_symbol(std::uint32_t i, const Elf64_Sym& s, Symbol& symbol);
  Expected<void> place_symbol(std::uint32_t i, const Elf64_Sym& s, Symbol& symbol) const;
  Expected<void> check_thread_local(std::uint32_t i, const Symbol& symbol) const;
  Expected<void> read_groups();
  Expected<void> read_group(std::uint32_t i, const Elf64_Shdr& h, Group& group);
  Expected<void> join_group(std::uint32_t i, Bytes words, Group& group);

  Bytes file_;
  std::span<const ElfMachine> machines_;
  Arena& arena_;
  Object& object_;
  ElfMachine machine_{};
  std::uint64_t table_offset_ = 0;
  std::uint64_t claimed_ = 0;  // bytes of the file that sections have
  Bytes headers_, names_, symbols_, symbol_names_, extended_;
  std::vector<SectionIndex> numbers_;
  std::uint32_t section_count_ = 0, symbol_section_ = 0, group_count_ = 0;
};

Expected<Bytes> ElfReader::contents(std::uint32_t i, const Elf64_Shdr& h) const {
  if (const std::optional<Bytes> bytes = file_.slice(h.sh_offset, h.sh_size)) return *bytes;
  return outside_file(i, h);
}

std::unexpected<Error> ElfReader::outside_file(std::uint32_t i, const Elf64_Shdr& h) const {
  return bad(fmt::format("section {} lies outside the file ({} bytes at {:#x}, file of {} bytes)", i, h.sh_size,
                         h.sh_offset, file_.size()),
             header_offset(i));
}

// gABI: no byte of a file is in more than one section. A file in which many sections shared their bytes would be linked
// as one of many times its size.
Expected<Bytes> ElfReader::own_contents(std::uint32_t i, const Elf64_Shdr& h) {
  Expected<Bytes> bytes = contents(i, h);
  if (!bytes) return bytes;
  if (bytes->size() > file_.size() - claimed_) return bad("sections overlap in the file", header_offset(i));
  claimed_ += bytes->size();
  return bytes;
}

Expected<Bytes> ElfReader::strings(std::uint32_t i) const {
  if (i == 0 || i >= section_count_) return bad(fmt::format("no string table: section {} does not exist", i));
  const Elf64_Shdr h = header(i);
  if (h.sh_type != SHT_STRTAB) return bad(fmt::format("section {} is not a string table", i), header_offset(i));
  Expected<Bytes> bytes = contents(i, h);
  if (!bytes) return bytes;
  if (bytes->size() == 0 || bytes->data()[bytes->size() - 1] != std::byte{0}) {
    return bad(fmt::format("string table {} does not end in NUL", i), header_offset(i));
  }
  return bytes;
}

Expected<void> ElfReader::read_headers() {
  const auto h = file_.load<Elf64_Ehdr>(0);
  if (!h || std::string_view(reinterpret_cast<const char*>(h->e_ident), SELFMAG) != ELFMAG) {
    return bad("not an ELF file, or truncated in its header");
  }
  if (h->e_ident[EI_CLASS] != ELFCLASS64) return refuse("not a 64-bit object", "", "compile for a 64-bit target");
  if (h->e_ident[EI_DATA] != ELFDATA2LSB) return refuse("not a little-endian object", "", "");
  if (h->e_ident[EI_VERSION] != EV_CURRENT) return bad("unknown ELF version");
  if (h->e_type != ET_REL) return refuse("not a relocatable object", "", "compile with -c");
  object_.machine = h->e_machine;
  const auto* known = std::ranges::find(machines_, h->e_machine, &ElfMachine::number).base();
  if (known == machines_.data() + machines_.size()) {
    return refuse(fmt::format("object for machine {}, which is not supported", h->e_machine), "", "");
  }
  machine_ = *known;
  if (h->e_shoff == 0) return {};  // an object without sections
  if (h->e_shentsize != sizeof(Elf64_Shdr)) return bad("section headers of unknown size");
  table_offset_ = h->e_shoff;
  const auto first = file_.load<Elf64_Shdr>(h->e_shoff);
  if (!first) return bad("section headers lie outside the file", h->e_shoff);
  // gABI: counts that do not fit their 16 bits stand in section header 0.
  const std::uint64_t count = h->e_shnum != 0 ? h->e_shnum : first->sh_size;
  const std::optional<Bytes> headers = file_.records(h->e_shoff, count, sizeof(Elf64_Shdr));
  if (!headers || count >= 0xffff'ffff) return bad("section headers lie outside the file", h->e_shoff);
  headers_ = *headers;
  section_count_ = static_cast<std::uint32_t>(count);
  const std::uint32_t names = h->e_shstrndx == SHN_XINDEX ? first->sh_link : h->e_shstrndx;
  Expected<Bytes> table = strings(names);
  if (!table) return std::unexpected(std::move(table).error());
  names_ = *table;
  return {};
}

// The symbol table, its strings and its extended section indices; how many groups there are.
Expected<void> ElfReader::find_tables() {
  std::uint32_t extended = 0;
  for (std::uint32_t i = 1; i < section_count_; ++i) {
    const std::uint32_t kind = type(i);
    if (kind == SHT_GROUP) ++group_count_;
    if (kind == SHT_SYMTAB_SHNDX) extended = i;
    if (kind != SHT_SYMTAB) continue;
    if (symbol_section_ != 0) return bad("more than one symbol table", header_offset(i));
    symbol_section_ = i;
  }
  if (symbol_section_ == 0) return {};
  const Elf64_Shdr h = header(symbol_section_);
  if (h.sh_entsize != sizeof(Elf64_Sym) || h.sh_size % sizeof(Elf64_Sym) != 0) {
    return bad("symbols of unknown size", header_offset(symbol_section_));
  }
  Expected<Bytes> symbols = contents(symbol_section_, h);
  if (!symbols) return std::unexpected(std::move(symbols).error());
  symbols_ = *symbols;
  if (symbols_.size() / sizeof(Elf64_Sym) >= 0xffff'ffff) return bad("too many symbols");
  if (h.sh_info > symbols_.size() / sizeof(Elf64_Sym)) {
    return bad("more local symbols than symbols", header_offset(symbol_section_));
  }
  Expected<Bytes> names = strings(h.sh_link);
  if (!names) return std::unexpected(std::move(names).error());
  symbol_names_ = *names;
  if (extended == 0) return {};
  Expected<Bytes> indices = contents(extended, header(extended));
  if (!indices) return std::unexpected(std::move(indices).error());
  extended_ = *indices;
  return {};
}

Expected<void> ElfReader::read_sections() {
  numbers_ = number_sections(headers_);
  const std::uint32_t last = numbers_.empty() ? 0 : raw(std::ranges::max(numbers_));
  object_.section_names = names_.text();
  object_.sections = Table<SectionIndex, Section>(arena_.make<Section>(std::size_t{last} + 1));
  for (std::uint32_t i = 1; i < section_count_; ++i) {
    const Elf64_Shdr h = header(i);
    if (auto done = check_name(i, h); !done) return done;
    if (raw(numbers_[i]) == 0) continue;
    if (auto done = read_section(i, h, object_.sections[numbers_[i]]); !done) return done;
  }
  for (std::uint32_t i = 1; i < section_count_; ++i) {
    if (!is_relocations(type(i))) continue;
    if (auto done = read_relocations(i, header(i)); !done) return done;
  }
  return {};
}

// The table of names ends in NUL, so that what begins in it ends in it.
Expected<void> ElfReader::check_name(std::uint32_t i, const Elf64_Shdr& h) const {
  if (h.sh_name < names_.size()) return {};
  return bad(fmt::format("the name of section {} lies outside the string table", i), header_offset(i));
}

Expected<void> ElfReader::read_section(std::uint32_t i, const Elf64_Shdr& h, Section& section) {
  section.name = NameOffset{h.sh_name};
  const std::string_view name = object_.section_name(section);
  if (name == ".note.GNU-stack" && (h.sh_flags & SHF_EXECINSTR) != 0) {
    return refuse("the object asks for an executable stack, which is never granted", name,
                  "avoid taking the address of nested functions, or add -z noexecstack's "
                  "'.section .note.GNU-stack,\"\",@progbits' to assembler");
  }
  if ((h.sh_flags & SHF_ALLOC) == 0) {
    object_.has_debug_information = object_.has_debug_information || is_debug_name(name);
    return {};
  }
  if (h.sh_addralign > 1 && !std::has_single_bit(h.sh_addralign)) {
    return bad(fmt::format("section {} is aligned to {}, which is no power of two", i, h.sh_addralign),
               header_offset(i));
  }
  section.p2align = h.sh_addralign > 1 ? static_cast<std::uint8_t>(std::countr_zero(h.sh_addralign)) : 0;
  if (h.sh_size >= std::uint64_t{1} << 46 || section.p2align > 40) {
    return bad(fmt::format("section {} is larger than the address space", i), header_offset(i));
  }
  section.size = section.laid_size = h.sh_size;
  section.zero = h.sh_type == SHT_NOBITS;
  section.large = (h.sh_flags & machine_.large_section_flag) != 0;
  section.retain = (h.sh_flags & kShfGnuRetain) != 0;
  if ((h.sh_flags & SHF_COMPRESSED) != 0) return bad(fmt::format("section {} is loaded and compressed", i));
  if ((h.sh_flags & SHF_LINK_ORDER) != 0 && h.sh_link != 0) {
    if (h.sh_link >= section_count_) return bad("SHF_LINK_ORDER names no section", header_offset(i));
    const SectionIndex link_order = number_of(h.sh_link);
    if (raw(link_order) != 0) detail_of(arena_, section).link_order = link_order;
  }
  if (!section.zero) {
    Expected<Bytes> bytes = own_contents(i, h);
    if (!bytes) return std::unexpected(std::move(bytes).error());
    section.bytes = bytes->data();
  }
  if (name == kPropertySection) {
    if (auto done = read_marks(i, h, section); !done) return done;
  }
  return classify(h, section);
}

// Which control-flow protection the object's code is compiled for.
Expected<void> ElfReader::read_marks(std::uint32_t i, const Elf64_Shdr& h, const Section& section) {
  if (h.sh_type != SHT_NOTE) return {};
  const Bytes notes(std::span(section.bytes, section.size));
  const std::optional<std::uint32_t> bits = property_bits(notes, section.p2align, machine_.feature_property);
  if (!bits) return bad(fmt::format("the properties in section {} are cut short", i), header_offset(i));
  object_.marks.landing_pads |= (*bits & machine_.landing_pads_bit) != 0;
  object_.marks.shadow_stack |= (*bits & machine_.shadow_stack_bit) != 0;
  return {};
}

Expected<void> ElfReader::classify(const Elf64_Shdr& h, Section& section) {
  const std::string_view name = object_.section_name(section);
  const bool writable = (h.sh_flags & SHF_WRITE) != 0, code = (h.sh_flags & SHF_EXECINSTR) != 0;
  if (writable && code && section.size != 0) {
    return refuse("the section is writable and executable", name, "split it into a code and a data section");
  }
  if ((name == ".init" || name == ".fini") && code && section.size != 0) {
    return refuse("pieces of _init and _fini are not assembled at run time", name,
                  "use a function with __attribute__((constructor)) or (destructor)");
  }
  if ((h.sh_flags & SHF_TLS) != 0) {
    if (code || !writable) return bad(fmt::format("{} is thread-local, and code or read-only", name));
    section.role = SectionRole::kThreadLocal;
    object_.has_thread_locals = true;
  } else if (code) {
    section.role = SectionRole::kCode;
  } else if (name == ".eh_frame" && !section.zero) {
    section.role = SectionRole::kUnwind;
  } else if (classify_array(h, section)) {
    if (section.size % 8 != 0) {
      return bad(fmt::format("the size of {} is no multiple of an address's", name));
    }
  } else if (name == kPropertySection || (h.sh_flags & SHF_EXCLUDE) != 0) {
    section.role = SectionRole::kIgnored;
  } else if (writable) {
    section.role = is_relro_name(name) ? SectionRole::kRelro : SectionRole::kData;
  } else {
    section.role = SectionRole::kConstant;
  }
  return {};
}

// Initialiser and finaliser arrays. .ctors and .dtors, which ran backwards, count priorities the other way round:
// .ctors.N stands where .init_array.(65535 - N) does.
bool ElfReader::classify_array(const Elf64_Shdr& h, Section& section) {
  if (section.zero) return false;
  struct Row {
    std::string_view stem;
    std::uint32_t type;
    SectionRole role;
    bool reversed;
  };
  constexpr Row kRows[] = {
      {".preinit_array", SHT_PREINIT_ARRAY, SectionRole::kPreinitArray, false},
      {".init_array", SHT_INIT_ARRAY, SectionRole::kInitArray, false},
      {".fini_array", SHT_FINI_ARRAY, SectionRole::kFiniArray, false},
      {".ctors", SHT_NULL, SectionRole::kInitArray, true},
      {".dtors", SHT_NULL, SectionRole::kFiniArray, true},
  };
  const std::string_view name = object_.section_name(section);
  for (const Row& row : kRows) {
    const bool named = has_prefix_or_is(name, row.stem);
    if (!named && (row.type == SHT_NULL || h.sh_type != row.type)) continue;
    section.role = row.role;
    section.reversed = row.reversed;
    const std::uint32_t n = named ? priority_suffix(name, row.stem) : kDefaultPriority;
    detail_of(arena_, section).array_priority = row.reversed && n < kDefaultPriority ? 65535 - std::min(n, 65535u) : n;
    return true;
  }
  return false;
}

Expected<void> ElfReader::read_relocations(std::uint32_t i, const Elf64_Shdr& h) {
  if (h.sh_info == 0 || h.sh_info >= section_count_) {
    return bad(fmt::format("relocations {} are for section {}, which does not exist", i, h.sh_info), header_offset(i));
  }
  Section& target = object_.sections[number_of(h.sh_info)];
  if (target.role == SectionRole::kIgnored) return {};
  if (h.sh_type != SHT_RELA) {
    return refuse("relocations without explicit addends, or in a compact form", object_.section_name(target),
                  "assemble with explicit addends (RELA)");
  }
  if (h.sh_entsize != sizeof(Elf64_Rela) || h.sh_size % sizeof(Elf64_Rela) != 0) {
    return bad(fmt::format("relocations {} of unknown size", i), header_offset(i));
  }
  if (h.sh_size == 0) return {};
  if (h.sh_link != symbol_section_ || symbol_section_ == 0) {
    return bad(fmt::format("relocations {} refer to no symbol table", i), header_offset(i));
  }
  if (target.relocations.count != 0) {
    return refuse("more than one relocation section for one section", object_.section_name(target), "");
  }
  Expected<Bytes> records = own_contents(i, h);
  if (!records) return std::unexpected(std::move(records).error());
  if (records->size() / sizeof(Elf64_Rela) >= 0xffff'ffff) return bad("too many relocations", header_offset(i));
  target.relocations = {records->data(), static_cast<std::uint32_t>(records->size() / sizeof(Elf64_Rela))};
  return {};
}

Expected<void> ElfReader::read_symbols() {
  const std::size_t count = symbols_.size() / sizeof(Elf64_Sym);
  object_.symbols = Table<SymbolIndex, Symbol>(arena_.make<Symbol>(count));
  object_.strings = symbol_names_.text();
  object_.first_global = SymbolIndex{symbol_section_ == 0 ? 0 : header(symbol_section_).sh_info};
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto s = load_unchecked<Elf64_Sym>(symbols_.data() + std::uint64_t{i} * sizeof(Elf64_Sym));
    if (auto done = read_symbol(i, s, object_.symbols[SymbolIndex{i}]); !done) return done;
  }
  return {};
}

Expected<void> ElfReader::read_symbol(std::uint32_t i, const Elf64_Sym& s, Symbol& symbol) {
  if (s.st_name >= symbol_names_.size()) return bad(fmt::format("the name of symbol {} lies outside its table", i));
  symbol.name = s.st_name;
  symbol.value = s.st_value;
  symbol.size = s.st_size;
  switch (ELF64_ST_BIND(s.st_info)) {
    case STB_LOCAL: symbol.binding = Binding::kLocal; break;
    case STB_GLOBAL: symbol.binding = Binding::kGlobal; break;
    case STB_WEAK: symbol.binding = Binding::kWeak; break;
    case STB_GNU_UNIQUE: symbol.binding = Binding::kUnique; break;
    default: return bad(fmt::format("symbol {} has unknown binding {}", i, ELF64_ST_BIND(s.st_info)));
  }
  if ((symbol.binding == Binding::kLocal) != object_.is_local(SymbolIndex{i})) {
    return bad(fmt::format("symbol {} is on the wrong side of the local symbols' end", i));
  }
  switch (ELF64_ST_TYPE(s.st_info)) {
    case STT_OBJECT: symbol.type = SymbolType::kObject; break;
    case STT_FUNC: symbol.type = SymbolType::kFunction; break;
    case STT_SECTION: symbol.type = SymbolType::kSection; break;
    case STT_FILE: symbol.type = SymbolType::kFile; break;
    case STT_TLS:
      symbol.type = SymbolType::kThreadLocal;
      object_.has_thread_locals = true;
      break;
    case STT_GNU_IFUNC: symbol.type = SymbolType::kIndirectFunction; break;
    default: symbol.type = SymbolType::kNone; break;
  }
  switch (ELF64_ST_VISIBILITY(s.st_other)) {
    case STV_DEFAULT: symbol.visibility = SymbolVisibility::kDefault; break;
    case STV_PROTECTED: symbol.visibility = SymbolVisibility::kProtected; break;
    default: symbol.visibility = SymbolVisibility::kHidden; break;
  }
  return place_symbol(i, s, symbol);
}

Expected<void> ElfReader::place_symbol(std::uint32_t i, const Elf64_Sym& s, Symbol& symbol) const {
  std::uint32_t section = s.st_shndx;
  if (section == SHN_XINDEX) {
    const auto extended = extended_.load<std::uint32_t>(std::uint64_t{i} * sizeof(std::uint32_t));
    if (!extended) return bad(fmt::format("symbol {} has no extended section index", i));
    section = *extended;
  } else if (section == SHN_ABS) {
    symbol.place = SymbolPlace::kAbsolute;
    return {};
  } else if (section == SHN_COMMON || (section == machine_.large_common_index && section != 0)) {
    if (object_.is_local(SymbolIndex{i})) return bad(fmt::format("common symbol {} is local", i));
    if (object_.strings.substr(symbol.name).starts_with(std::string_view("__gnu_lto_slim\0", 15))) {
      return refuse("the object holds compiler intermediate code only", "",
                    "compile with -fno-lto or -ffat-lto-objects");
    }
    if (s.st_value > 1 && !std::has_single_bit(s.st_value)) {
      return bad(fmt::format("common symbol {} is aligned to no power of two", i));
    }
    if (s.st_size >= std::uint64_t{1} << 46 || s.st_value > std::uint64_t{1} << 40) {
      return bad(fmt::format("common symbol {} is larger than the address space", i));
    }
    symbol.place = section == SHN_COMMON ? SymbolPlace::kCommon : SymbolPlace::kLargeCommon;
    return {};
  } else if (section >= SHN_LORESERVE) {
    return bad(fmt::format("symbol {} has unknown section index {:#x}", i, section));
  }
  if (section == 0) return {};
  if (section >= section_count_) return bad(fmt::format("symbol {} lies in section {}, which does not exist", i, section));
  symbol.place = SymbolPlace::kSection;
  symbol.section = number_of(section);
  return check_thread_local(i, symbol);
}

// gABI, "Symbol Table": what lies in a thread-local section is STT_TLS, and nothing else is.
Expected<void> ElfReader::check_thread_local(std::uint32_t i, const Symbol& symbol) const {
  const SectionRole role = object_.sections[symbol.section].role;
  if (role == SectionRole::kIgnored || symbol.type == SymbolType::kSection) return {};
  if ((role == SectionRole::kThreadLocal) == (symbol.type == SymbolType::kThreadLocal)) return {};
  return bad(fmt::format("symbol {} is thread-local and its section is not, or the other way round", i));
}

Expected<void> ElfReader::read_groups() {
  object_.groups = arena_.make<Group>(group_count_);
  std::size_t n = 0;
  for (std::uint32_t i = 1; i < section_count_ && n < group_count_; ++i) {
    if (type(i) != SHT_GROUP) continue;
    if (auto done = read_group(i, header(i), object_.groups[n++]); !done) return done;
  }
  return {};
}

// gABI, "Section Groups": a flag word, then the members' indices; sh_info is the signature's symbol.
Expected<void> ElfReader::read_group(std::uint32_t i, const Elf64_Shdr& h, Group& group) {
  Expected<Bytes> words = own_contents(i, h);
  if (!words) return std::unexpected(std::move(words).error());
  if (words->size() < 4 || words->size() % 4 != 0) return bad(fmt::format("group {} of odd size", i), header_offset(i));
  group.comdat = (load_unchecked<std::uint32_t>(words->data()) & GRP_COMDAT) != 0;
  if (h.sh_link != symbol_section_ || !object_.symbols.contains(SymbolIndex{h.sh_info})) {
    return bad(fmt::format("group {} has no signature", i), header_offset(i));
  }
  group.signature = SymbolIndex{h.sh_info};
  return join_group(i, *words, group);
}

// Links the members into a ring.
Expected<void> ElfReader::join_group(std::uint32_t i, Bytes words, Group& group) {
  SectionIndex last{};
  for (std::uint64_t at = 4; at < words.size(); at += 4) {
    const auto member = load_unchecked<std::uint32_t>(words.data() + at);
    if (member == 0 || member >= section_count_) {
      return bad(fmt::format("group {} has member {}, which does not exist", i, member), header_offset(i));
    }
    const SectionIndex index = number_of(member);
    if (raw(index) == 0) continue;
    Section& section = object_.sections[index];
    if (raw(section.next_in_group) != 0) return bad(fmt::format("section {} is in two groups", member));
    if (raw(last) == 0) group.first = last = index;
    section.next_in_group = group.first;
    object_.sections[last].next_in_group = index;
    last = index;
  }
  return {};
}

Expected<void> ElfReader::read() {
  if (auto done = read_headers(); !done) return done;
  if (auto done = find_tables(); !done) return done;
  if (auto done = read_sections(); !done) return done;
  if (auto done = read_symbols(); !done) return done;
  return read_groups();
}

Expected<void> ElfReader::read_for_definitions() {
  if (auto done = read_headers(); !done) return done;
  if (auto done = find_tables(); !done) return done;
  object_.sections = Table<SectionIndex, Section>(arena_.make<Section>(1));
  return read_symbols();
}

}  // namespace

std::vector<SectionIndex> number_sections(Bytes headers) {
  std::vector<SectionIndex> numbers(headers.size() / sizeof(Elf64_Shdr));
  std::uint32_t count = 0;
  for (std::size_t i = 1; i < numbers.size(); ++i) {
    const auto h = load_unchecked<Elf64_Shdr>(headers.data() + i * sizeof(Elf64_Shdr));
    if (has_contents(h)) numbers[i] = SectionIndex{++count};
  }
  return numbers;
}

Expected<void> read_elf(Bytes bytes, std::span<const ElfMachine> machines, Arena& arena, Object& object) {
  return ElfReader(bytes, machines, arena, object).read();
}

Expected<void> enumerate_elf_definitions(Bytes bytes, const std::string& name, std::span<const ElfMachine> machines,
                                         const std::function<void(std::string_view)>& sink) {
  if (!bytes.text().starts_with(ELFMAG)) return {};
  Arena arena;
  Object object;
  object.name = name;
  if (auto done = ElfReader(bytes, machines, arena, object).read_for_definitions(); !done) return done;
  for (const Symbol& symbol : object.symbols) {
    if (symbol.binding != Binding::kLocal && symbol.place != SymbolPlace::kUndefined) sink(object.symbol_name(symbol));
  }
  return {};
}

bool elf_defines(Bytes bytes, std::span<const ElfMachine> machines, std::string_view symbol) {
  Arena arena;
  Object object;
  if (!ElfReader(bytes, machines, arena, object).read_for_definitions()) return false;
  return std::ranges::any_of(object.symbols, [&](const Symbol& s) {
    const bool contents = s.place == SymbolPlace::kSection || s.place == SymbolPlace::kAbsolute;
    return s.binding != Binding::kLocal && contents && object.symbol_name(s) == symbol;
  });
}

}  // namespace enfold::read
