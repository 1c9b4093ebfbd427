// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sections (gABI, "Sections" and "Special Sections"): how each is loaded follows from its flags, its type and, for
// some, its name.
#include <elf.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <memory>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "read/elf_parts.h"
#include "read/elf_properties.h"
#include "read/elf_section_name.h"

namespace enfold::read {
namespace {

#ifndef SHT_RELR
#define SHT_RELR 19
#endif
constexpr std::uint32_t kShtCrel = 0x40000014;
constexpr std::uint64_t kShfGnuRetain = 1u << 21;
constexpr SpecialName kPropertySection(".note.gnu.property");
constexpr std::uint32_t kDefaultPriority = 65536;  // after every numbered initialiser

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

// ".init_array.00101" -> 101
std::uint32_t priority_suffix(std::string_view name, std::string_view stem) {
  if (!name.starts_with(stem) || name.size() <= stem.size() + 1 || name[stem.size()] != '.') return kDefaultPriority;
  std::uint32_t n = 0;
  const char* end = name.data() + name.size();
  const auto [stop, failure] = std::from_chars(name.data() + stem.size() + 1, end, n);
  return failure == std::errc() && stop == end ? std::min(n, kDefaultPriority) : kDefaultPriority;
}

bool names_debug_section(const SectionName& name) {
  return name.begins_with<".debug_">() || name.begins_with<".zdebug_">();
}

bool names_relro(const SectionName& name) {
  return name.has_stem<".data.rel.ro">() || name.has_stem<".bss.rel.ro">() || name.has_stem<".jcr">() ||
         name.has_stem<".tm_clone_table">() || name.has_stem<".got">();
}

constexpr bool is_relocations(std::uint32_t type) {
  return type == SHT_RELA || type == SHT_REL || type == SHT_RELR || type == kShtCrel;
}

class SectionReader {
 public:
  SectionReader(ElfFile& file, Arena& arena, Object& object) : file_(file), arena_(arena), object_(object) {}

  bool read();

 private:
  bool read_sections();
  bool read_section(std::uint32_t i, const SectionHeader& h, Section* place);
  bool check_extent(std::uint32_t i, const SectionHeader& h);
  bool read_link_order(std::uint32_t i, const SectionHeader& h, Section& section);
  bool read_marks(std::uint32_t i, const Section& section);
  bool classify(const SectionHeader& h, const SectionName& name, Section& section);
  bool classify_array(const SectionHeader& h, const SectionName& name, Section& section);
  void make_array(SectionRole role, std::string_view stem, Section& section);
  void make_reversed_array(SectionRole role, std::string_view stem, Section& section);
  bool read_relocations(std::uint32_t i, const SectionHeader& h);
  bool bad(std::string message, std::uint32_t i) { return file_.bad(std::move(message), file_.header_offset(i)); }

  ElfFile& file_;
  Arena& arena_;
  Object& object_;
};

bool SectionReader::read() {
  const std::span<const SectionHeader> headers = file_.headers();
  const std::size_t count = std::size_t{1} + number_sections(headers, file_.numbers());
  object_.section_names = file_.names().text();
  object_.sections = Table<SectionIndex, Section>(arena_.make_for_overwrite<Section>(count));
  std::construct_at(&object_.sections[SectionIndex{}]);
  if (!read_sections()) return false;
  for (std::uint32_t i = 1; i < headers.size(); ++i) {
    if (is_relocations(headers[i].sh_type) && !read_relocations(i, headers[i])) return false;
  }
  return true;
}

bool SectionReader::read_sections() {
  const std::span<const SectionHeader> headers = file_.headers();
  const std::span<const SectionIndex> numbers = file_.numbers();
  const Table<SectionIndex, Section> sections = object_.sections;
  const std::uint64_t name_end = object_.section_names.size();
  for (std::uint32_t i = 1; i < headers.size(); ++i) {
    // The table of names ends in NUL, so that what begins in it ends in it.
    if (headers[i].sh_name >= name_end) {
      return bad(fmt::format("the name of section {} lies outside the string table", i), i);
    }
    if (raw(numbers[i]) != 0 && !read_section(i, headers[i], &sections[numbers[i]])) return false;
  }
  return true;
}

bool SectionReader::read_section(std::uint32_t i, const SectionHeader& h, Section* place) {
  const NameOffset name_at{h.sh_name};
  const std::string_view names = object_.section_names;
  const SectionName name({names.data() + h.sh_name, names.size() - h.sh_name});
  const std::uint64_t flags = h.sh_flags;
  if ((flags & SHF_EXECINSTR) != 0 && name.is<".note.GNU-stack">()) {
    return file_.refuse("the object asks for an executable stack, which is never granted", names.data() + h.sh_name,
                        "avoid taking the address of nested functions, or add -z noexecstack's "
                        "'.section .note.GNU-stack,\"\",@progbits' to assembler");
  }
  if ((flags & SHF_ALLOC) == 0) {
    std::construct_at(place)->name = name_at;
    object_.has_debug_information = object_.has_debug_information || names_debug_section(name);
    return true;
  }
  if (!check_extent(i, h)) return false;
  Section& section = *std::construct_at(
      place, Section{.size = h.sh_size,
                     .name = name_at,
                     .p2align = static_cast<std::uint8_t>(h.sh_addralign > 1 ? std::countr_zero(h.sh_addralign) : 0),
                     .zero = h.sh_type == SHT_NOBITS,
                     .large = (flags & file_.machine().large_section_flag) != 0,
                     .retain = (flags & kShfGnuRetain) != 0,
                     .laid_size = h.sh_size});
  if ((flags & SHF_LINK_ORDER) != 0 && !read_link_order(i, h, section)) return false;
  if (!section.zero) {
    if (!file_.claim(i, h)) return false;
    section.bytes = file_.bytes().data() + h.sh_offset;
  }
  if (h.sh_type == SHT_NOTE && name.is<kPropertySection>() && !read_marks(i, section)) return false;
  return classify(h, name, section);
}

bool SectionReader::check_extent(std::uint32_t i, const SectionHeader& h) {
  const std::uint64_t alignment = h.sh_addralign;
  if (alignment > 1 && !std::has_single_bit(alignment)) {
    return bad(fmt::format("section {} is aligned to {}, which is no power of two", i, alignment), i);
  }
  if (h.sh_size >= std::uint64_t{1} << 46 || alignment > std::uint64_t{1} << 40) {
    return bad(fmt::format("section {} is larger than the address space", i), i);
  }
  if ((h.sh_flags & SHF_COMPRESSED) != 0) return file_.bad(fmt::format("section {} is loaded and compressed", i));
  return true;
}

bool SectionReader::read_link_order(std::uint32_t i, const SectionHeader& h, Section& section) {
  if (h.sh_link >= file_.section_count()) return bad("SHF_LINK_ORDER names no section", i);
  const SectionIndex link_order = file_.numbers()[h.sh_link];  // 0 for none
  if (raw(link_order) != 0) detail_of(arena_, section).link_order = link_order;
  return true;
}

// Which control-flow protection the object's code is compiled for.
bool SectionReader::read_marks(std::uint32_t i, const Section& section) {
  const ElfMachine& machine = file_.machine();
  const Bytes notes(std::span(section.bytes, section.size));
  const std::optional<std::uint32_t> bits = property_bits(notes, section.p2align, machine.feature_property);
  if (!bits) return bad(fmt::format("the properties in section {} are cut short", i), i);
  object_.marks.landing_pads |= (*bits & machine.landing_pads_bit) != 0;
  object_.marks.shadow_stack |= (*bits & machine.shadow_stack_bit) != 0;
  return true;
}

bool SectionReader::classify(const SectionHeader& h, const SectionName& name, Section& section) {
  const bool writable = (h.sh_flags & SHF_WRITE) != 0, code = (h.sh_flags & SHF_EXECINSTR) != 0;
  if (writable && code && section.size != 0) {
    return file_.refuse("the section is writable and executable", object_.section_name(section),
                        "split it into a code and a data section");
  }
  if (code && section.size != 0 && (name.is<".init">() || name.is<".fini">())) {
    return file_.refuse("pieces of _init and _fini are not assembled at run time", object_.section_name(section),
                        "use a function with __attribute__((constructor)) or (destructor)");
  }
  if ((h.sh_flags & SHF_TLS) != 0) {
    if (code || !writable) {
      return file_.bad(fmt::format("{} is thread-local, and code or read-only", object_.section_name(section)));
    }
    section.role = SectionRole::kThreadLocal;
    object_.has_thread_locals = true;
  } else if (code) {
    section.role = SectionRole::kCode;
  } else if (!section.zero && name.is<".eh_frame">()) {
    section.role = SectionRole::kUnwind;
  } else if (classify_array(h, name, section)) {
    if (section.size % 8 != 0) {
      return file_.bad(fmt::format("the size of {} is no multiple of an address's", object_.section_name(section)));
    }
  } else if ((h.sh_flags & SHF_EXCLUDE) != 0 || name.is<kPropertySection>()) {
    section.role = SectionRole::kIgnored;
  } else if (writable) {
    section.role = names_relro(name) ? SectionRole::kRelro : SectionRole::kData;
  } else {
    section.role = SectionRole::kConstant;
  }
  return true;
}

// Initialiser and finaliser arrays. .ctors and .dtors, which ran backwards, count priorities the other way round:
// .ctors.N stands where .init_array.(65535 - N) does.
bool SectionReader::classify_array(const SectionHeader& h, const SectionName& name, Section& section) {
  if (section.zero) return false;
  if (h.sh_type == SHT_PREINIT_ARRAY || name.has_stem<".preinit_array">()) {
    make_array(SectionRole::kPreinitArray, ".preinit_array", section);
  } else if (h.sh_type == SHT_INIT_ARRAY || name.has_stem<".init_array">()) {
    make_array(SectionRole::kInitArray, ".init_array", section);
  } else if (h.sh_type == SHT_FINI_ARRAY || name.has_stem<".fini_array">()) {
    make_array(SectionRole::kFiniArray, ".fini_array", section);
  } else if (name.has_stem<".ctors">()) {
    make_reversed_array(SectionRole::kInitArray, ".ctors", section);
  } else if (name.has_stem<".dtors">()) {
    make_reversed_array(SectionRole::kFiniArray, ".dtors", section);
  } else {
    return false;
  }
  return true;
}

void SectionReader::make_array(SectionRole role, std::string_view stem, Section& section) {
  section.role = role;
  detail_of(arena_, section).array_priority = priority_suffix(object_.section_name(section), stem);
}

void SectionReader::make_reversed_array(SectionRole role, std::string_view stem, Section& section) {
  make_array(role, stem, section);
  section.reversed = true;
  std::uint32_t& priority = section.detail->array_priority;
  if (priority < kDefaultPriority) priority = 65535 - std::min(priority, 65535u);
}

bool SectionReader::read_relocations(std::uint32_t i, const SectionHeader& h) {
  const std::uint32_t of = h.sh_info;
  if (of == 0 || of >= file_.section_count()) {
    return bad(fmt::format("relocations {} are for section {}, which does not exist", i, of), i);
  }
  Section& target = object_.sections[file_.numbers()[of]];
  if (target.role == SectionRole::kIgnored) return true;
  if (h.sh_type != SHT_RELA) {
    return file_.refuse("relocations without explicit addends, or in a compact form", object_.section_name(target),
                        "assemble with explicit addends (RELA)");
  }
  if (h.sh_entsize != sizeof(Elf64_Rela) || h.sh_size % sizeof(Elf64_Rela) != 0) {
    return bad(fmt::format("relocations {} of unknown size", i), i);
  }
  if (h.sh_size == 0) return true;
  if (h.sh_link != file_.symbol_section() || file_.symbol_section() == 0) {
    return bad(fmt::format("relocations {} refer to no symbol table", i), i);
  }
  if (target.relocation_count != 0) {
    return file_.refuse("more than one relocation section for one section", object_.section_name(target), "");
  }
  if (!file_.claim(i, h)) return false;
  const std::uint64_t count = h.sh_size / sizeof(Elf64_Rela);
  if (count >= 0xffff'ffff) return bad("too many relocations", i);
  target.relocations = file_.bytes().data() + h.sh_offset;
  target.relocation_count = static_cast<std::uint32_t>(count);
  return true;
}

}  // namespace

std::uint32_t number_sections(std::span<const SectionHeader> headers, std::span<SectionIndex> numbers) {
  std::uint32_t count = 0;
  for (std::size_t i = 1; i < headers.size(); ++i) {
    if (has_contents(headers[i])) numbers[i] = SectionIndex{++count};
  }
  return count;
}

bool read_sections(ElfFile& file, Arena& arena, Object& object) { return SectionReader(file, arena, object).read(); }

}  // namespace enfold::read
