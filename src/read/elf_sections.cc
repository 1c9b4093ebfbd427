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

#include "read/elf_crel.h"
#include "read/elf_parts.h"
#include "read/elf_properties.h"
#include "read/elf_section_name.h"
#include "read/file_kind.h"

namespace enfold::read {
namespace {

constexpr std::uint64_t kShfGnuRetain = 1u << 21;
// What loaded sections have, as a rule.
constexpr std::uint64_t kUsualFlags =
    SHF_ALLOC | SHF_WRITE | SHF_EXECINSTR | SHF_MERGE | SHF_STRINGS | SHF_INFO_LINK | SHF_GROUP | SHF_TLS;
// Those of an operating system mean nothing here: where they had to be understood, SHF_OS_NONCONFORMING would say so.
constexpr std::uint64_t kKnownFlags =
    kUsualFlags | SHF_LINK_ORDER | SHF_OS_NONCONFORMING | SHF_COMPRESSED | SHF_EXCLUDE | SHF_MASKOS;
constexpr std::uint32_t kShtRelr = 19;

// Types of contents: what is loaded, or not, and has no meaning of its own.
constexpr bool is_usual_type(std::uint32_t type) {
  constexpr std::uint32_t kUsual = 1u << SHT_PROGBITS | 1u << SHT_HASH | 1u << SHT_DYNAMIC | 1u << SHT_NOTE |
                                   1u << SHT_NOBITS | 1u << SHT_DYNSYM | 1u << SHT_INIT_ARRAY | 1u << SHT_FINI_ARRAY |
                                   1u << SHT_PREINIT_ARRAY;
  return type <= SHT_PREINIT_ARRAY ? (kUsual >> type & 1) != 0 : false;
}
constexpr SpecialName kPropertySection(".note.gnu.property");  // for linkers
constexpr SpecialName kStackSection(".note.GNU-stack");        // whose flags are those of stacks
constexpr SpecialName kCompilerSection(".gnu.lto_.lto.");      // gcc's head of what it optimises when it links
constexpr std::uint64_t kSlimByte = 4;  // of its contents: not 0 if the object holds no machine code
constexpr std::uint32_t kDefaultPriority = 65536;  // after every numbered initialiser

// ".init_array.00101" -> 101
std::uint32_t priority_suffix(std::string_view name, std::string_view stem) {
  if (!name.starts_with(stem) || name.size() <= stem.size() + 1 || name[stem.size()] != '.') return kDefaultPriority;
  std::uint32_t n = 0;
  const char* end = name.data() + name.size();
  const auto [stop, failure] = std::from_chars(name.data() + stem.size() + 1, end, n);
  return failure == std::errc() && stop == end ? std::min(n, kDefaultPriority) : kDefaultPriority;
}

bool names_debug_section(const SectionName& name) {
  switch (name.start()) {
    case start_of(".debug_"): return name.begins_with<".debug_">();
    case start_of(".zdebug_"): return name.begins_with<".zdebug_">();
    default: return false;
  }
}

// What its name says of a section that is neither code nor thread-local; most say nothing.
enum class Meaning : std::uint8_t { kNone, kUnwind, kArray, kProperties, kStackTraces, kRelro };

Meaning meaning_of(const SectionName& name) {
  const auto meaning = [](Meaning what, bool meant) { return meant ? what : Meaning::kNone; };
  switch (name.start()) {
    case start_of(".eh_frame"): return meaning(Meaning::kUnwind, name.is<".eh_frame">());
    case start_of(".preinit_array"): return meaning(Meaning::kArray, name.has_stem<".preinit_array">());
    case start_of(".init_array"): return meaning(Meaning::kArray, name.has_stem<".init_array">());
    case start_of(".fini_array"): return meaning(Meaning::kArray, name.has_stem<".fini_array">());
    case start_of(".ctors"): return meaning(Meaning::kArray, name.has_stem<".ctors">());
    case start_of(".dtors"): return meaning(Meaning::kArray, name.has_stem<".dtors">());
    case start_of(kPropertySection): return meaning(Meaning::kProperties, name.is<kPropertySection>());
    case start_of(".data.rel.ro"): return meaning(Meaning::kRelro, name.has_stem<".data.rel.ro">());
    case start_of(".bss.rel.ro"): return meaning(Meaning::kRelro, name.has_stem<".bss.rel.ro">());
    case start_of(".jcr"): return meaning(Meaning::kRelro, name.has_stem<".jcr">());
    case start_of(".tm_clone_table"): return meaning(Meaning::kRelro, name.has_stem<".tm_clone_table">());
    case start_of(".got"): return meaning(Meaning::kRelro, name.has_stem<".got">());
    case start_of(".gnu"): return meaning(Meaning::kRelro, name.begins_with<".gnu.linkonce.d.rel.ro">());
    case start_of(".sframe"): return meaning(Meaning::kStackTraces, name.is<".sframe">());
    default: return Meaning::kNone;
  }
}

constexpr bool is_array_type(std::uint32_t type) {
  return type == SHT_INIT_ARRAY || type == SHT_FINI_ARRAY || type == SHT_PREINIT_ARRAY;
}

class SectionReader {
 public:
  SectionReader(ElfFile& file, Arena& arena, Object& object)
      : file_(file), arena_(arena), object_(object), names_(file.names().text()) {}

  bool read();

 private:
  bool read_section(const SectionHeader& h, Section& section);
  [[gnu::cold]] bool check_type(const SectionHeader& h, const Section& section);
  [[gnu::cold]] bool refuse_nonconforming(NameOffset name);
  bool seems_to_be_relocations(const SectionHeader& h, std::string_view name) const;
  [[gnu::cold]] bool read_old_or_foreign(const SectionHeader& h, const SectionName& name);
  bool read_unloaded(std::uint64_t flags, const SectionName& name, const Section& section);
  bool read_extent(const SectionHeader& h, Section& section);
  bool read_rare_flags(const SectionHeader& h, Section& section);
  bool read_link_order(const SectionHeader& h, Section& section);
  bool read_marks(const SectionHeader& h, const Section& section);
  bool classify(const SectionHeader& h, std::uint64_t flags, const SectionName& name, Section& section);
  bool classify_code(std::uint64_t flags, const SectionName& name, Section& section);
  [[gnu::cold]] bool refuse_stack(const Section& section);
  bool classify_data(const SectionHeader& h, std::uint64_t flags, const SectionName& name, Section& section);
  bool classify_array(const SectionHeader& h, const SectionName& name, Section& section);
  void make_unwind(Section& section);
  void make_array(SectionRole role, std::string_view stem, Section& section);
  void make_reversed_array(SectionRole role, std::string_view stem, Section& section);

  ElfFile& file_;
  Arena& arena_;
  Object& object_;
  const std::string_view names_;
};

bool SectionReader::read() {
  const std::span<const SectionHeader> headers = file_.headers();
  const std::span<const SectionIndex> numbers = file_.numbers();
  const std::span<Section> sections = arena_.make_for_overwrite<Section>(std::size_t{1} + file_.contents_count());
  object_.section_names = names_;
  object_.sections = Table<SectionIndex, Section>(sections);
  const std::uint64_t name_end = names_.size();
  Section* next = sections.data();
  std::construct_at(next++);
  for (std::size_t i = 1; i < headers.size(); ++i) {
    // The table of names ends in NUL, so that what begins in it ends in it.
    if (headers[i].sh_name >= name_end) {
      return file_.bad(fmt::format("the name of section {} lies outside the string table", i), headers[i]);
    }
    if (raw(numbers[i]) == 0) {
      const SectionHeader& h = headers[i];
      if ((h.sh_flags & SHF_OS_NONCONFORMING) != 0) return refuse_nonconforming(NameOffset{h.sh_name});
    } else if (!read_section(headers[i], *std::construct_at(next++))) {
      return false;
    }
  }
  return true;
}

bool SectionReader::read_section(const SectionHeader& h, Section& section) {
  const std::string_view names = names_;
  const std::uint32_t at = h.sh_name;
  const SectionName name({names.data() + at, names.size() - at});
  const std::uint64_t flags = h.sh_flags;
  section.name = NameOffset{at};
  if (!is_usual_type(h.sh_type) && !check_type(h, section)) return false;
  if (name.start() == start_of(".gnu") && !read_old_or_foreign(h, name)) [[unlikely]] return false;
  if ((flags & SHF_ALLOC) == 0) return read_unloaded(flags, name, section);
  if (!read_extent(h, section)) return false;
  if ((flags & ~kUsualFlags) != 0 && !read_rare_flags(h, section)) return false;
  if (h.sh_type == SHT_NOBITS) {
    section.zero = true;
  } else {
    if (!file_.claim(h)) return false;
    section.bytes = file_.bytes().data() + h.sh_offset;
  }
  return classify(h, flags, name, section);
}

// gABI, "Section Types" and "Section Attribute Flags": what is reserved there may have to be understood, and what this
// linker does not know it cannot tell apart from contents. Those of an operating system or an application are read by
// the standard rules, as GNU ld and lld do.
bool SectionReader::check_type(const SectionHeader& h, const Section& section) {
  const std::uint32_t type = h.sh_type;
  if (type == kShtCrel || type == file_.machine().unwind_section_type || is_table(type)) return true;
  const std::string_view name = object_.section_name(section);
  if (seems_to_be_relocations(h, name)) {
    return file_.refuse(fmt::format("relocations in a section of unknown type {:#x}", type), name,
                        "assemble with relocations of the type SHT_RELA or SHT_CREL");
  }
  const bool of_system = type >= SHT_LOOS && type <= SHT_HIOS;
  const bool of_application = type >= SHT_LOUSER && (h.sh_flags & SHF_ALLOC) == 0;
  if (of_system || of_application) return true;
  return file_.refuse(fmt::format("a section of unknown type {:#x}", type), name,
                      "take it out of the object (objcopy --remove-section)");
}

bool SectionReader::seems_to_be_relocations(const SectionHeader& h, std::string_view name) const {
  if (h.sh_type == kShtRelr) return true;
  for (const std::string_view stem : {".rela.", ".rel.", ".crel.", ".relr."}) {
    if (name.starts_with(stem)) return true;
  }
  const bool of_symbols = file_.symbol_section() != 0 && h.sh_link == file_.symbol_section();
  return of_symbols && (h.sh_flags & SHF_INFO_LINK) != 0;
}

bool SectionReader::refuse_nonconforming(NameOffset name) {
  return file_.refuse("a section that asks for special processing (SHF_OS_NONCONFORMING)", names_.data() + raw(name),
                      "take it out of the object (objcopy --remove-section)");
}

// Sections of which one of a name is kept, and gcc's own code in place of the machine's.
bool SectionReader::read_old_or_foreign(const SectionHeader& h, const SectionName& name) {
  if ((h.sh_flags & SHF_ALLOC) != 0) {
    if (name.begins_with<".gnu.linkonce.">()) file_.note_link_once();
    return true;
  }
  if (!name.begins_with<kCompilerSection>() || h.sh_type == SHT_NOBITS || h.sh_size <= kSlimByte) return true;
  const Bytes file = file_.bytes();
  const bool slim = file.contains(h.sh_offset, h.sh_size) && file.data()[h.sh_offset + kSlimByte] != std::byte{0};
  return !slim || file_.refuse(std::string(kLtoOnly), "", std::string(kLtoCure));
}

bool SectionReader::read_unloaded(std::uint64_t flags, const SectionName& name, const Section& section) {
  if ((flags & SHF_OS_NONCONFORMING) != 0) return refuse_nonconforming(section.name);
  if ((flags & SHF_EXECINSTR) != 0) [[unlikely]] {
    if (name.is<kStackSection>()) return refuse_stack(section);
  }
  if (names_debug_section(name)) object_.has_debug_information = true;
  return true;
}

bool SectionReader::refuse_stack(const Section& section) {
  return file_.refuse("the object asks for an executable stack, which is never granted", object_.section_name(section),
                      "avoid taking the address of nested functions, or add -z noexecstack's "
                      "'.section .note.GNU-stack,\"\",@progbits' to assembler");
}

bool SectionReader::read_extent(const SectionHeader& h, Section& section) {
  const std::uint64_t alignment = h.sh_addralign;
  if (alignment > 1) {
    section.p2align = static_cast<std::uint8_t>(std::countr_zero(alignment));
    if (alignment != std::uint64_t{1} << section.p2align) {
      return file_.bad(
          fmt::format("section {} is aligned to {}, which is no power of two", file_.index(h), alignment), h);
    }
  }
  if (h.sh_size >= std::uint64_t{1} << 46 || alignment > std::uint64_t{1} << 40) {
    return file_.bad(fmt::format("section {} is larger than the address space", file_.index(h)), h);
  }
  section.size = h.sh_size;
  return true;
}

bool SectionReader::read_rare_flags(const SectionHeader& h, Section& section) {
  if ((h.sh_flags & SHF_OS_NONCONFORMING) != 0) return refuse_nonconforming(section.name);
  if ((h.sh_flags & SHF_COMPRESSED) != 0) {
    return file_.bad(fmt::format("section {} is loaded and compressed", file_.index(h)));
  }
  const std::uint64_t unknown = h.sh_flags & ~(kKnownFlags | file_.machine().large_section_flag);
  if (unknown != 0) {
    return file_.refuse(fmt::format("a section with unknown flags {:#x}", unknown), object_.section_name(section),
                        "take them away (objcopy --set-section-flags)");
  }
  section.large = (h.sh_flags & file_.machine().large_section_flag) != 0;
  section.retain = (h.sh_flags & kShfGnuRetain) != 0;
  return (h.sh_flags & SHF_LINK_ORDER) == 0 || read_link_order(h, section);
}

bool SectionReader::read_link_order(const SectionHeader& h, Section& section) {
  if (h.sh_link >= file_.header_count()) return file_.bad("SHF_LINK_ORDER names no section", h);
  const SectionIndex link_order = file_.numbers()[h.sh_link];  // 0 for none
  if (raw(link_order) == 0) return true;
  detail_of(arena_, section).link_order = link_order;
  object_.has_link_orders = true;
  return true;
}

// Which control-flow protection the object's code is compiled for.
bool SectionReader::read_marks(const SectionHeader& h, const Section& section) {
  const ElfMachine& machine = file_.machine();
  const Bytes notes(std::span(section.bytes, section.size));
  const std::optional<PropertyBits> bits = property_bits(notes, section.p2align, machine.feature_property);
  if (!bits) return file_.bad(fmt::format("the properties in section {} are cut short", file_.index(h)), h);
  if (const std::uint32_t unknown = bits->needs & ~kKnownNeeds; unknown != 0) {
    return file_.refuse(fmt::format("unknown needs of the object (GNU_PROPERTY_1_NEEDED {:#x})", unknown),
                        object_.section_name(section), "link it with a newer linker");
  }
  object_.marks.landing_pads |= (bits->features & machine.landing_pads_bit) != 0;
  object_.marks.shadow_stack |= (bits->features & machine.shadow_stack_bit) != 0;
  return true;
}

bool SectionReader::classify(const SectionHeader& h, std::uint64_t flags, const SectionName& name, Section& section) {
  const bool writable = (flags & SHF_WRITE) != 0, code = (flags & SHF_EXECINSTR) != 0;
  if (code && !classify_code(flags, name, section)) return false;
  if ((flags & SHF_TLS) != 0) {
    if (code || !writable) {
      return file_.bad(fmt::format("{} is thread-local, and code or read-only", object_.section_name(section)));
    }
    section.role = SectionRole::kThreadLocal;
    object_.has_thread_locals = true;
  } else if (!code) {
    return classify_data(h, flags, name, section);
  }
  return true;
}

bool SectionReader::classify_code(std::uint64_t flags, const SectionName& name, Section& section) {
  if (name.is<kStackSection>()) return refuse_stack(section);
  section.role = SectionRole::kCode;
  if (section.size == 0) return true;
  if ((flags & SHF_WRITE) != 0) {
    return file_.refuse("the section is writable and executable", object_.section_name(section),
                        "split it into a code and a data section");
  }
  if ((name.is<".init">() || name.is<".fini">()) && !section.zero) {
    detail_of(arena_, section).fragment = name.is<".init">() ? Fragment::kInit : Fragment::kFini;
    section.retain = true;
    object_.has_fragments = true;
  }
  return true;
}

bool SectionReader::classify_data(const SectionHeader& h, std::uint64_t flags, const SectionName& name,
                                  Section& section) {
  const Meaning meaning = meaning_of(name);
  if (meaning == Meaning::kUnwind && !section.zero) {
    make_unwind(section);
  } else if ((meaning == Meaning::kArray || is_array_type(h.sh_type)) && !section.zero) {
    return classify_array(h, name, section);
  } else if ((flags & SHF_EXCLUDE) != 0 || meaning == Meaning::kProperties || meaning == Meaning::kStackTraces) {
    // Tables of stack traces are found by a program header, and a set has none.
    section.role = SectionRole::kIgnored;
    return meaning != Meaning::kProperties || h.sh_type != SHT_NOTE || read_marks(h, section);
  } else if ((flags & SHF_WRITE) != 0) {
    section.role = meaning == Meaning::kRelro ? SectionRole::kRelro : SectionRole::kData;
  } else {
    section.role = SectionRole::kConstant;
  }
  return true;
}

// Initialiser and finaliser arrays. .ctors and .dtors, which ran backwards, count priorities the other way round:
// .ctors.N stands where .init_array.(65535 - N) does.
bool SectionReader::classify_array(const SectionHeader& h, const SectionName& name, Section& section) {
  if (h.sh_type == SHT_PREINIT_ARRAY || name.has_stem<".preinit_array">()) {
    make_array(SectionRole::kPreinitArray, ".preinit_array", section);
  } else if (h.sh_type == SHT_INIT_ARRAY || name.has_stem<".init_array">()) {
    make_array(SectionRole::kInitArray, ".init_array", section);
  } else if (h.sh_type == SHT_FINI_ARRAY || name.has_stem<".fini_array">()) {
    make_array(SectionRole::kFiniArray, ".fini_array", section);
  } else if (name.has_stem<".ctors">()) {
    make_reversed_array(SectionRole::kInitArray, ".ctors", section);
  } else {
    make_reversed_array(SectionRole::kFiniArray, ".dtors", section);
  }
  if (section.size % 8 == 0) return true;
  return file_.bad(fmt::format("the size of {} is no multiple of an address's", object_.section_name(section)));
}

void SectionReader::make_unwind(Section& section) {
  section.role = SectionRole::kUnwind;
  const auto index = index_of<SectionIndex>(static_cast<std::size_t>(&section - object_.sections.span().data()));
  if (raw(object_.first_unwind) == 0) object_.first_unwind = index;
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

}  // namespace

bool read_sections(ElfFile& file, Arena& arena, Object& object) { return SectionReader(file, arena, object).read(); }

}  // namespace enfold::read
