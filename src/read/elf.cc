// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "read/elf.h"

#include <elf.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "read/elf_properties.h"
#include "read/elf_records.h"

namespace enfold::read {
namespace {

#ifndef SHT_RELR
#define SHT_RELR 19
#endif
constexpr std::uint32_t kShtCrel = 0x40000014;
constexpr std::uint64_t kShfGnuRetain = 1u << 21;
constexpr char kPropertySection[] = ".note.gnu.property";
constexpr std::uint32_t kDefaultPriority = 65536;  // after every numbered initialiser

// Of a name and what follows it in its table: is it `name`, is it that with a suffix, does it begin like that? Of most
// names the first bytes tell.
template <std::size_t N>
bool is_named(std::string_view text, const char (&name)[N]) {
  return text.size() >= N && std::memcmp(text.data(), name, N) == 0;
}

template <std::size_t N>
bool begins_with(std::string_view text, const char (&stem)[N]) {
  return text.size() >= N && std::memcmp(text.data(), stem, N - 1) == 0;
}

template <std::size_t N>
bool has_stem(std::string_view text, const char (&stem)[N]) {
  return begins_with(text, stem) && (text[N - 1] == '\0' || text[N - 1] == '.');
}

// ".init_array.00101" -> 101
std::uint32_t priority_suffix(std::string_view name, std::string_view stem) {
  if (!name.starts_with(stem) || name.size() <= stem.size() + 1 || name[stem.size()] != '.') return kDefaultPriority;
  std::uint32_t n = 0;
  const char* end = name.data() + name.size();
  const auto [stop, failure] = std::from_chars(name.data() + stem.size() + 1, end, n);
  return failure == std::errc() && stop == end ? std::min(n, kDefaultPriority) : kDefaultPriority;
}

// Sections of contents, loaded or not. The others tell the linker about those, and nothing lies in them.
bool has_contents(const SectionHeader& h) {
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

bool names_debug_section(std::string_view text) {
  return begins_with(text, ".debug_") || begins_with(text, ".zdebug_");
}

bool names_relro(std::string_view text) {
  return has_stem(text, ".data.rel.ro") || has_stem(text, ".bss.rel.ro") || has_stem(text, ".jcr") ||
         has_stem(text, ".tm_clone_table") || has_stem(text, ".got");
}

constexpr bool is_relocations(std::uint32_t type) {
  return type == SHT_RELA || type == SHT_REL || type == SHT_RELR || type == kShtCrel;
}

// Local symbols come first in their table. Sets of bindings, a bit each.
constexpr std::uint32_t kLocalBinding = 1u << STB_LOCAL;
constexpr std::uint32_t kOtherBindings = 1u << STB_GLOBAL | 1u << STB_WEAK | 1u << STB_GNU_UNIQUE;

constexpr bool is_bound_as(std::uint32_t bindings, const SymbolRecord& s) {
  return (bindings >> ELF64_ST_BIND(s.st_info) & 1) != 0;
}

constexpr bool is_power_of_two(std::uint64_t n) { return n != 0 && (n & (n - 1)) == 0; }

// By the four bits of a symbol's binding.
constexpr auto kBindings = [] {
  std::array<Binding, 16> bindings{};
  bindings[STB_GLOBAL] = Binding::kGlobal;
  bindings[STB_WEAK] = Binding::kWeak;
  bindings[STB_GNU_UNIQUE] = Binding::kUnique;
  return bindings;
}();

// By the four bits of its type.
constexpr auto kSymbolTypes = [] {
  std::array<SymbolType, 16> types{};
  types[STT_OBJECT] = SymbolType::kObject;
  types[STT_FUNC] = SymbolType::kFunction;
  types[STT_SECTION] = SymbolType::kSection;
  types[STT_FILE] = SymbolType::kFile;
  types[STT_TLS] = SymbolType::kThreadLocal;
  types[STT_GNU_IFUNC] = SymbolType::kIndirectFunction;
  return types;
}();

// By the two bits of its visibility: default, internal, hidden, protected.
constexpr std::array kVisibilities = {SymbolVisibility::kDefault, SymbolVisibility::kHidden, SymbolVisibility::kHidden,
                                      SymbolVisibility::kProtected};
static_assert(STV_INTERNAL == 1 && STV_HIDDEN == 2 && STV_PROTECTED == 3);

// All but where it lies.
constexpr Symbol decode(const SymbolRecord& s) {
  return {.value = s.st_value,
          .size = s.st_size,
          .name = s.st_name,
          .binding = kBindings[ELF64_ST_BIND(s.st_info)],
          .type = kSymbolTypes[ELF64_ST_TYPE(s.st_info)],
          .visibility = kVisibilities[ELF64_ST_VISIBILITY(s.st_other)]};
}

class ElfReader {
 public:
  ElfReader(Bytes file, std::span<const ElfMachine> machines, Arena& arena, Object& object)
      : file_(file), machines_(machines), arena_(arena), object_(object) {}

  Expected<void> read();
  Expected<void> read_for_definitions();

 private:
  [[gnu::cold]] std::unexpected<Error> bad(std::string message, std::optional<std::uint64_t> offset = {}) const {
    Place place;
    place.object = object_.name;
    place.offset = offset;
    return std::unexpected(Error(ErrorCode::kMalformed, std::move(message), std::move(place)));
  }
  [[gnu::cold]] std::unexpected<Error> refuse(std::string message, std::string_view section, std::string cure) const {
    Place place;
    place.object = object_.name;
    place.section = section;
    return std::unexpected(
        Error(ErrorCode::kUnsupported, std::move(message), std::move(place)).with_cure(std::move(cure)));
  }

  const SectionHeader& header(std::uint32_t i) const { return headers_[i]; }
  std::uint64_t header_offset(std::uint32_t i) const {
    return table_offset_ + std::uint64_t{i} * sizeof(SectionHeader);
  }
  // The name of a section, and what follows it in the table: few names are needed to their end.
  std::string_view name_and_more(const SectionHeader& h) const { return names_.text().substr(h.sh_name); }
  Expected<Bytes> contents(std::uint32_t i, const SectionHeader& h) const;
  bool claim(const SectionHeader& h);
  [[gnu::cold]] std::unexpected<Error> outside_file(std::uint32_t i, const SectionHeader& h) const;
  [[gnu::cold]] std::unexpected<Error> not_claimed(std::uint32_t i, const SectionHeader& h) const;
  Expected<Bytes> strings(std::uint32_t i) const;

  Expected<void> read_headers();
  Expected<void> find_tables();
  Expected<void> read_sections();
  Expected<void> read_section(std::uint32_t i, const SectionHeader& h, Section& section);
  Expected<void> read_marks(std::uint32_t i, const Section& section);
  Expected<void> classify(const SectionHeader& h, Section& section);
  bool classify_array(const SectionHeader& h, Section& section);
  void make_array(SectionRole role, std::string_view stem, Section& section);
  void make_reversed_array(SectionRole role, std::string_view stem, Section& section);
  Expected<void> read_relocations(std::uint32_t i, const SectionHeader& h);
  Expected<void> read_symbols();
  [[gnu::cold]] std::unexpected<Error> bad_symbol(std::uint32_t i, const SymbolRecord& s) const;
  Expected<void> place_specially(std::uint32_t i, const SymbolRecord& s, Symbol& symbol) const;
  bool place_in_section(std::uint32_t section, Symbol& symbol) const;
  [[gnu::cold]] std::unexpected<Error> misplaced(std::uint32_t i, std::uint32_t section) const;
  Expected<void> read_groups();
  Expected<void> read_group(std::uint32_t i, const SectionHeader& h, Group& group);
  Expected<void> join_group(std::uint32_t i, Bytes words, Group& group);

  Bytes file_;
  std::span<const ElfMachine> machines_;
  Arena& arena_;
  Object& object_;
  ElfMachine machine_{};
  std::uint64_t table_offset_ = 0;
  std::uint64_t claimed_ = 0;  // bytes of the file that sections have
  std::span<const SectionHeader> headers_;
  std::span<const SymbolRecord> symbols_;
  Bytes names_, symbol_names_, extended_;
  std::span<SectionIndex> numbers_;
  std::uint32_t section_count_ = 0, symbol_section_ = 0, group_count_ = 0;
};

Expected<Bytes> ElfReader::contents(std::uint32_t i, const SectionHeader& h) const {
  if (const std::optional<Bytes> bytes = file_.slice(h.sh_offset, h.sh_size)) return *bytes;
  return outside_file(i, h);
}

std::unexpected<Error> ElfReader::outside_file(std::uint32_t i, const SectionHeader& h) const {
  return bad(fmt::format("section {} lies outside the file ({} bytes at {:#x}, file of {} bytes)", i, h.sh_size,
                         h.sh_offset, file_.size()),
             header_offset(i));
}

// gABI: no byte of a file is in more than one section. A file in which many sections shared their bytes would be linked
// as one of many times its size.
bool ElfReader::claim(const SectionHeader& h) {
  if (!file_.contains(h.sh_offset, h.sh_size) || h.sh_size > file_.size() - claimed_) return false;
  claimed_ += h.sh_size;
  return true;
}

std::unexpected<Error> ElfReader::not_claimed(std::uint32_t i, const SectionHeader& h) const {
  if (!file_.contains(h.sh_offset, h.sh_size)) return outside_file(i, h);
  return bad("sections overlap in the file", header_offset(i));
}

Expected<Bytes> ElfReader::strings(std::uint32_t i) const {
  if (i == 0 || i >= section_count_) return bad(fmt::format("no string table: section {} does not exist", i));
  const SectionHeader& h = header(i);
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
  const std::optional<Bytes> headers = file_.records(h->e_shoff, count, sizeof(SectionHeader));
  if (!headers || count >= 0xffff'ffff) return bad("section headers lie outside the file", h->e_shoff);
  headers_ = records_in<SectionHeader>(*headers);
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
    switch (header(i).sh_type) {
      case SHT_GROUP: ++group_count_; break;
      case SHT_SYMTAB_SHNDX: extended = i; break;
      case SHT_SYMTAB:
        if (symbol_section_ != 0) return bad("more than one symbol table", header_offset(i));
        symbol_section_ = i;
        break;
      default: break;
    }
  }
  if (symbol_section_ == 0) return {};
  const SectionHeader& h = header(symbol_section_);
  if (h.sh_entsize != sizeof(SymbolRecord) || h.sh_size % sizeof(SymbolRecord) != 0) {
    return bad("symbols of unknown size", header_offset(symbol_section_));
  }
  Expected<Bytes> symbols = contents(symbol_section_, h);
  if (!symbols) return std::unexpected(std::move(symbols).error());
  symbols_ = records_in<SymbolRecord>(*symbols);
  if (symbols_.size() >= 0xffff'ffff) return bad("too many symbols");
  if (h.sh_info > symbols_.size()) return bad("more local symbols than symbols", header_offset(symbol_section_));
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
  numbers_ = arena_.make<SectionIndex>(section_count_);
  const std::size_t count = std::size_t{1} + number_sections(headers_, numbers_);
  object_.section_names = names_.text();
  const Table<SectionIndex, Section> sections(arena_.make<Section>(count));
  object_.sections = sections;
  const std::span<const SectionHeader> headers = headers_;
  const std::uint64_t name_end = names_.size();
  for (std::uint32_t i = 1; i < headers.size(); ++i) {
    // The table of names ends in NUL, so that what begins in it ends in it.
    if (headers[i].sh_name >= name_end) {
      return bad(fmt::format("the name of section {} lies outside the string table", i), header_offset(i));
    }
    const SectionIndex number = numbers_[i];
    if (raw(number) == 0) continue;
    if (auto done = read_section(i, headers[i], sections[number]); !done) return done;
  }
  for (std::uint32_t i = 1; i < headers.size(); ++i) {
    if (!is_relocations(headers[i].sh_type)) continue;
    if (auto done = read_relocations(i, headers[i]); !done) return done;
  }
  return {};
}

Expected<void> ElfReader::read_section(std::uint32_t i, const SectionHeader& h, Section& section) {
  section.name = NameOffset{h.sh_name};
  const std::string_view name = name_and_more(h);
  if ((h.sh_flags & SHF_EXECINSTR) != 0 && is_named(name, ".note.GNU-stack")) {
    return refuse("the object asks for an executable stack, which is never granted", object_.section_name(section),
                  "avoid taking the address of nested functions, or add -z noexecstack's "
                  "'.section .note.GNU-stack,\"\",@progbits' to assembler");
  }
  if ((h.sh_flags & SHF_ALLOC) == 0) {
    object_.has_debug_information = object_.has_debug_information || names_debug_section(name);
    return {};
  }
  if (h.sh_addralign > 1 && !is_power_of_two(h.sh_addralign)) {
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
    const SectionIndex link_order = numbers_[h.sh_link];
    if (raw(link_order) != 0) detail_of(arena_, section).link_order = link_order;
  }
  if (!section.zero) {
    if (!claim(h)) return not_claimed(i, h);
    section.bytes = file_.data() + h.sh_offset;
  }
  if (h.sh_type == SHT_NOTE && is_named(name, kPropertySection)) {
    if (auto done = read_marks(i, section); !done) return done;
  }
  return classify(h, section);
}

// Which control-flow protection the object's code is compiled for.
Expected<void> ElfReader::read_marks(std::uint32_t i, const Section& section) {
  const Bytes notes(std::span(section.bytes, section.size));
  const std::optional<std::uint32_t> bits = property_bits(notes, section.p2align, machine_.feature_property);
  if (!bits) return bad(fmt::format("the properties in section {} are cut short", i), header_offset(i));
  object_.marks.landing_pads |= (*bits & machine_.landing_pads_bit) != 0;
  object_.marks.shadow_stack |= (*bits & machine_.shadow_stack_bit) != 0;
  return {};
}

Expected<void> ElfReader::classify(const SectionHeader& h, Section& section) {
  const std::string_view name = name_and_more(h);
  const bool writable = (h.sh_flags & SHF_WRITE) != 0, code = (h.sh_flags & SHF_EXECINSTR) != 0;
  if (writable && code && section.size != 0) {
    return refuse("the section is writable and executable", object_.section_name(section),
                  "split it into a code and a data section");
  }
  if (code && section.size != 0 && (is_named(name, ".init") || is_named(name, ".fini"))) {
    return refuse("pieces of _init and _fini are not assembled at run time", object_.section_name(section),
                  "use a function with __attribute__((constructor)) or (destructor)");
  }
  if ((h.sh_flags & SHF_TLS) != 0) {
    if (code || !writable) {
      return bad(fmt::format("{} is thread-local, and code or read-only", object_.section_name(section)));
    }
    section.role = SectionRole::kThreadLocal;
    object_.has_thread_locals = true;
  } else if (code) {
    section.role = SectionRole::kCode;
  } else if (!section.zero && is_named(name, ".eh_frame")) {
    section.role = SectionRole::kUnwind;
  } else if (classify_array(h, section)) {
    if (section.size % 8 != 0) {
      return bad(fmt::format("the size of {} is no multiple of an address's", object_.section_name(section)));
    }
  } else if ((h.sh_flags & SHF_EXCLUDE) != 0 || is_named(name, kPropertySection)) {
    section.role = SectionRole::kIgnored;
  } else if (writable) {
    section.role = names_relro(name) ? SectionRole::kRelro : SectionRole::kData;
  } else {
    section.role = SectionRole::kConstant;
  }
  return {};
}

// Initialiser and finaliser arrays. .ctors and .dtors, which ran backwards, count priorities the other way round:
// .ctors.N stands where .init_array.(65535 - N) does.
bool ElfReader::classify_array(const SectionHeader& h, Section& section) {
  if (section.zero) return false;
  const std::string_view text = name_and_more(h);
  if (h.sh_type == SHT_PREINIT_ARRAY || has_stem(text, ".preinit_array")) {
    make_array(SectionRole::kPreinitArray, ".preinit_array", section);
  } else if (h.sh_type == SHT_INIT_ARRAY || has_stem(text, ".init_array")) {
    make_array(SectionRole::kInitArray, ".init_array", section);
  } else if (h.sh_type == SHT_FINI_ARRAY || has_stem(text, ".fini_array")) {
    make_array(SectionRole::kFiniArray, ".fini_array", section);
  } else if (has_stem(text, ".ctors")) {
    make_reversed_array(SectionRole::kInitArray, ".ctors", section);
  } else if (has_stem(text, ".dtors")) {
    make_reversed_array(SectionRole::kFiniArray, ".dtors", section);
  } else {
    return false;
  }
  return true;
}

void ElfReader::make_array(SectionRole role, std::string_view stem, Section& section) {
  section.role = role;
  detail_of(arena_, section).array_priority = priority_suffix(object_.section_name(section), stem);
}

void ElfReader::make_reversed_array(SectionRole role, std::string_view stem, Section& section) {
  make_array(role, stem, section);
  section.reversed = true;
  std::uint32_t& priority = section.detail->array_priority;
  if (priority < kDefaultPriority) priority = 65535 - std::min(priority, 65535u);
}

Expected<void> ElfReader::read_relocations(std::uint32_t i, const SectionHeader& h) {
  if (h.sh_info == 0 || h.sh_info >= section_count_) {
    return bad(fmt::format("relocations {} are for section {}, which does not exist", i, h.sh_info), header_offset(i));
  }
  Section& target = object_.sections[numbers_[h.sh_info]];
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
  if (!claim(h)) return not_claimed(i, h);
  if (h.sh_size / sizeof(Elf64_Rela) >= 0xffff'ffff) return bad("too many relocations", header_offset(i));
  target.relocations = {file_.data() + h.sh_offset, static_cast<std::uint32_t>(h.sh_size / sizeof(Elf64_Rela))};
  return {};
}

Expected<void> ElfReader::read_symbols() {
  const std::span<const SymbolRecord> records = symbols_;
  const std::span<Symbol> symbols = arena_.make_for_overwrite<Symbol>(records.size());
  const std::uint32_t first_global = symbol_section_ == 0 ? 0 : header(symbol_section_).sh_info;
  object_.symbols = Table<SymbolIndex, Symbol>(symbols);
  object_.strings = symbol_names_.text();
  object_.first_global = SymbolIndex{first_global};
  const std::uint64_t name_end = symbol_names_.size();
  bool thread_locals = false;
  for (std::uint32_t i = 0; i < records.size(); ++i) {
    const SymbolRecord& s = records[i];
    const std::uint32_t bindings = i < first_global ? kLocalBinding : kOtherBindings;
    if (s.st_name >= name_end || !is_bound_as(bindings, s)) return bad_symbol(i, s);
    Symbol& symbol = *std::construct_at(&symbols[i], decode(s));
    thread_locals |= symbol.type == SymbolType::kThreadLocal;
    if (s.st_shndx >= SHN_LORESERVE) {
      if (auto done = place_specially(i, s, symbol); !done) return done;
    } else if (!place_in_section(s.st_shndx, symbol)) {
      return misplaced(i, s.st_shndx);
    }
  }
  object_.has_thread_locals |= thread_locals;
  return {};
}

std::unexpected<Error> ElfReader::bad_symbol(std::uint32_t i, const SymbolRecord& s) const {
  if (s.st_name >= symbol_names_.size()) return bad(fmt::format("the name of symbol {} lies outside its table", i));
  if (!is_bound_as(kLocalBinding | kOtherBindings, s)) {
    return bad(fmt::format("symbol {} has unknown binding {}", i, ELF64_ST_BIND(s.st_info)));
  }
  return bad(fmt::format("symbol {} is on the wrong side of the local symbols' end", i));
}

Expected<void> ElfReader::place_specially(std::uint32_t i, const SymbolRecord& s, Symbol& symbol) const {
  const std::uint32_t section = s.st_shndx;
  if (section == SHN_XINDEX) {
    const auto extended = extended_.load<std::uint32_t>(std::uint64_t{i} * sizeof(std::uint32_t));
    if (!extended) return bad(fmt::format("symbol {} has no extended section index", i));
    if (place_in_section(*extended, symbol)) return {};
    return misplaced(i, *extended);
  }
  if (section == SHN_ABS) {
    symbol.place = SymbolPlace::kAbsolute;
    return {};
  }
  if (section != SHN_COMMON && section != machine_.large_common_index) {
    return bad(fmt::format("symbol {} has unknown section index {:#x}", i, section));
  }
  if (object_.is_local(SymbolIndex{i})) return bad(fmt::format("common symbol {} is local", i));
  if (object_.strings.substr(symbol.name).starts_with(std::string_view("__gnu_lto_slim\0", 15))) {
    return refuse("the object holds compiler intermediate code only", "",
                  "compile with -fno-lto or -ffat-lto-objects");
  }
  if (symbol.value > 1 && !is_power_of_two(symbol.value)) {
    return bad(fmt::format("common symbol {} is aligned to no power of two", i));
  }
  if (symbol.size >= std::uint64_t{1} << 46 || symbol.value > std::uint64_t{1} << 40) {
    return bad(fmt::format("common symbol {} is larger than the address space", i));
  }
  symbol.place = section == SHN_COMMON ? SymbolPlace::kCommon : SymbolPlace::kLargeCommon;
  return {};
}

// gABI, "Symbol Table": what lies in a thread-local section is STT_TLS, and nothing else is.
bool ElfReader::place_in_section(std::uint32_t section, Symbol& symbol) const {
  if (section == 0) return true;
  if (section >= section_count_) return false;
  symbol.place = SymbolPlace::kSection;
  symbol.section = numbers_[section];
  const SectionRole role = object_.sections[symbol.section].role;
  if ((role == SectionRole::kThreadLocal) == (symbol.type == SymbolType::kThreadLocal)) return true;
  return role == SectionRole::kIgnored || symbol.type == SymbolType::kSection;
}

std::unexpected<Error> ElfReader::misplaced(std::uint32_t i, std::uint32_t section) const {
  if (section >= section_count_) {
    return bad(fmt::format("symbol {} lies in section {}, which does not exist", i, section));
  }
  return bad(fmt::format("symbol {} is thread-local and its section is not, or the other way round", i));
}

Expected<void> ElfReader::read_groups() {
  object_.groups = arena_.make<Group>(group_count_);
  std::size_t n = 0;
  for (std::uint32_t i = 1; i < section_count_ && n < group_count_; ++i) {
    if (header(i).sh_type != SHT_GROUP) continue;
    if (auto done = read_group(i, header(i), object_.groups[n++]); !done) return done;
  }
  return {};
}

// gABI, "Section Groups": a flag word, then the members' indices; sh_info is the signature's symbol.
Expected<void> ElfReader::read_group(std::uint32_t i, const SectionHeader& h, Group& group) {
  if (!claim(h)) return not_claimed(i, h);
  const Bytes words(file_.span().subspan(h.sh_offset, h.sh_size));
  if (words.size() < 4 || words.size() % 4 != 0) return bad(fmt::format("group {} of odd size", i), header_offset(i));
  group.comdat = (load_unchecked<std::uint32_t>(words.data()) & GRP_COMDAT) != 0;
  if (h.sh_link != symbol_section_ || !object_.symbols.contains(SymbolIndex{h.sh_info})) {
    return bad(fmt::format("group {} has no signature", i), header_offset(i));
  }
  group.signature = SymbolIndex{h.sh_info};
  return join_group(i, words, group);
}

// Links the members into a ring.
Expected<void> ElfReader::join_group(std::uint32_t i, Bytes words, Group& group) {
  SectionIndex last{};
  for (std::uint64_t at = 4; at < words.size(); at += 4) {
    const auto member = load_unchecked<std::uint32_t>(words.data() + at);
    if (member == 0 || member >= section_count_) {
      return bad(fmt::format("group {} has member {}, which does not exist", i, member), header_offset(i));
    }
    const SectionIndex index = numbers_[member];
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
  // No sections are read: all symbols lie in none.
  numbers_ = arena_.make<SectionIndex>(section_count_);
  object_.sections = Table<SectionIndex, Section>(arena_.make<Section>(1));
  return read_symbols();
}

}  // namespace

std::uint32_t number_sections(std::span<const SectionHeader> headers, std::span<SectionIndex> numbers) {
  std::uint32_t count = 0;
  for (std::size_t i = 1; i < headers.size(); ++i) {
    if (has_contents(headers[i])) numbers[i] = SectionIndex{++count};
  }
  return count;
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
