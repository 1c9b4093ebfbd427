// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a link works on, free of file formats and architectures. Readers fill Objects; resolve binds their symbols to
// Globals; scan collects Needs; layout places Sections in segments.
#ifndef ENFOLD_MODEL_H_
#define ENFOLD_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "arena.h"
#include "index.h"

namespace enfold {

struct RelocationScheme;

// How a section is loaded. Whether it is zero-filled is a flag beside it.
enum class SectionRole : std::uint8_t {
  kIgnored,  // not part of the image: debug information, symbol tables, notes for linkers
  kCode,
  kConstant,
  kRelro,  // read-only after relocation
  kData,
  kUnwind,  // .eh_frame: contiguous in the image, trimmed of records for discarded code
  kPreinitArray,
  kInitArray,
  kFiniArray,
  kThreadLocal,
};

constexpr bool is_array(SectionRole role) {
  return role >= SectionRole::kPreinitArray && role <= SectionRole::kFiniArray;
}

// Kept stretch of a trimmed section.
struct Piece {
  std::uint64_t from = 0;  // offset in the input section
  std::uint64_t to = 0;    // offset in what is laid out
  std::uint64_t size = 0;
};

// Code that is a piece of _init or _fini: see plan/fragments.h.
enum class Fragment : std::uint8_t { kNone, kInit, kFini };

constexpr std::uint8_t kMixedEncodings = 0xff;  // DW_EH_PE_omit, as no address is held

// What few sections have, in the link's arena.
struct SectionDetail {
  std::span<const Piece> pieces;      // of a reshaped section
  std::uint64_t laid_size = 0;        // likewise: bytes in the image
  std::uint64_t kept_at = 0;          // where it stays, if a replaced version's is kept
  std::uint32_t kept_by = 0;          // likewise: index + 1 in LinkState::kept
  std::uint32_t array_priority = 0;   // of kPreinitArray .. kFiniArray, lower runs first
  std::uint32_t frame_count = 0;      // of kUnwind: FDEs in the image
  std::uint8_t frame_encoding = 0;    // likewise: how they hold their addresses, DW_EH_PE_*, or kMixedEncodings
  Fragment fragment = Fragment::kNone;
  SectionIndex link_order{};          // SHF_LINK_ORDER: lives and is ordered with that section
  BundleIndex bundle = kNone<BundleIndex>;
};

constexpr std::uint16_t kMostLead = 0xffff;  // more than anybody fills

// A large set has a hundred thousand: what few of them have stands in the detail.
struct Section {
  const std::byte* bytes = nullptr;  // null where zero-filled or ignored
  std::uint64_t size = 0;            // bytes of the input section
  const std::byte* relocations = nullptr;  // raw records, which only the object's RelocationScheme reads
  SectionDetail* detail = nullptr;
  std::uint32_t relocation_count = 0;
  NameOffset name{};
  SectionIndex next_in_group{};      // ring of a section group's members; 0 outside groups
  SectionRole role = SectionRole::kIgnored;
  std::uint8_t p2align = 0;
  bool zero : 1 = false;       // no bytes in the file, reads as zero
  bool large : 1 = false;      // promised not to be addressed directly (SHF_X86_64_LARGE)
  bool huge : 1 = false;       // laid out last in its zone: only its start is sure to be in reach
  bool retain : 1 = false;     // a root of gc
  bool reversed : 1 = false;   // .ctors, .dtors: run from the last entry to the first
  bool discarded : 1 = false;  // its COMDAT group was: another object's copy is used
  bool kept : 1 = false;       // a replaced version's goes on in its place
  bool live : 1 = true;        // cleared by gc
  bool plain : 1 = false;      // in the image, as it is in the file, at one address, all of it within its zone's reach:
                               // most are; from assign_zones on
  bool reshaped : 1 = false;   // trimmed or wrapped: it is not laid out as it is in the file
  // Layout
  std::uint16_t lead = 0;         // bytes of padding before it; kMostLead: or more
  std::uint32_t segment = 0;
  std::uint64_t offset = 0;       // bytes from the segment's start

  bool in_image() const { return role != SectionRole::kIgnored && live && !discarded && !kept; }
  std::uint64_t laid_size() const { return reshaped ? detail->laid_size : size; }  // bytes in the image
  // Empty: laid out as it is.
  std::span<const Piece> pieces() const { return detail == nullptr ? std::span<const Piece>() : detail->pieces; }
  BundleIndex bundle() const { return detail == nullptr ? kNone<BundleIndex> : detail->bundle; }
  SectionIndex link_order() const { return detail == nullptr ? SectionIndex{} : detail->link_order; }
  std::uint32_t array_priority() const { return detail == nullptr ? 0 : detail->array_priority; }
  std::uint32_t frame_count() const { return detail == nullptr ? 0 : detail->frame_count; }
  std::uint8_t frame_encoding() const { return detail == nullptr ? std::uint8_t{0} : detail->frame_encoding; }
  Fragment fragment() const { return detail == nullptr ? Fragment::kNone : detail->fragment; }
  std::uint32_t kept_by() const { return kept ? detail->kept_by : 0; }
  std::uint64_t kept_at() const { return kept ? detail->kept_at : 0; }
};
static_assert(sizeof(Section) <= 64);

inline SectionDetail& detail_of(Arena& arena, Section& section) {
  if (section.detail == nullptr) section.detail = arena.make<SectionDetail>(1).data();
  return *section.detail;
}

enum class Binding : std::uint8_t { kLocal, kGlobal, kWeak, kUnique };
enum class SymbolType : std::uint8_t { kNone, kObject, kFunction, kSection, kFile, kThreadLocal, kIndirectFunction };
enum class SymbolVisibility : std::uint8_t { kDefault, kProtected, kHidden };  // rising constraint
enum class SymbolPlace : std::uint8_t { kUndefined, kSection, kAbsolute, kCommon, kLargeCommon };

// A large set has hundreds of thousands, of which few are asked for their size: see Object::size_of.
struct Symbol {
  std::uint64_t value = 0;  // offset in the section, absolute value, or a common symbol's size
  std::uint32_t name = 0;   // offset in the object's string table
  union {
    SectionIndex section{};        // when place is kSection
    std::uint32_t common_p2align;  // when it is kCommon or kLargeCommon
  };
  GlobalIndex global = kNone<GlobalIndex>;  // none for locals
  SymbolPlace place = SymbolPlace::kUndefined;
  Binding binding = Binding::kLocal;
  SymbolType type = SymbolType::kNone;
  SymbolVisibility visibility = SymbolVisibility::kDefault;
};
static_assert(sizeof(Symbol) <= 24);

enum class GroupKind : std::uint8_t {
  kPlain,     // its members live together
  kComdat,    // likewise, and one group of a signature is kept
  kLinkOnce,  // one section .gnu.linkonce.KIND.NAME, as compilers wrote before there were groups
};

struct Group {
  SymbolIndex signature{};  // it is known by that symbol's name, unless it has a section's
  NameOffset section_name{};  // 0: it has none
  NameOffset once_name{};     // of kLinkOnce: NAME
  SectionIndex first{};       // of the ring of its members
  GroupKind kind = GroupKind::kPlain;
};

// What decide() may know of a symbol before addresses are: bits, fixed by bind.
enum SymbolFact : std::uint16_t {
  kNoFacts = 0,
  kInZone = 1,        // lies in the object's own zone: every direct reference reaches it
  kAddressKnown = 2,  // lies outside the set, or is absolute: see known_address()
  kIndirect = 4,      // address known when its resolver has run
  kNull = 8,          // undefined weak
  kDead = 16,         // its section is not in the image
  kIsThreadLocal = 32,
  kIsFunction = 64,
  kUnresolved = 128,
  kAddressAdded = 256,  // the address is that of a stub, copy or common; from assign_addresses on
  kPlain = 512,  // every direct reference reaches it, and there is no more to it: see plan/plain.h; of a global from
                 // scan on
};

// What all code of an object, or of a set, is compiled for (x86: IBT and SHSTK; Arm: BTI and GCS).
struct ControlFlowMarks {
  bool landing_pads = false;  // indirect calls and jumps arrive at instructions that say so
  bool shadow_stack = false;  // return addresses are what calls left
};

struct Object {
  Object() = default;
  explicit Object(std::string_view what) : name(what) {}

  std::string_view name;  // what it was read from has it, or the arena
  ObjectIndex index{};
  std::uint32_t machine = 0;  // the format's number of the architecture
  std::string_view strings;        // NUL-terminated names of symbols
  std::string_view section_names;  // likewise
  std::span<const std::byte> file;  // all of it, as it was read
  const RelocationScheme* scheme = nullptr;
  // Those that hold something; the first is none. Tables and groups, which tell the linker of others, are not among
  // them.
  Table<SectionIndex, Section> sections;
  Table<SymbolIndex, Symbol> symbols;
  const std::byte* symbol_sizes = nullptr;  // the first one, in the file; the next is symbol_stride bytes behind it
  // Those in the image, in their order, from assign_zones on: with bytes in the file; from the first of these that is
  // unwind information to the last; without bytes.
  std::span<const SectionIndex> contents, unwind, zeros;
  std::span<Group> groups;
  std::uint32_t symbol_stride = 0;
  SectionIndex first_unwind{};  // the first section that is kUnwind; 0: none
  SymbolIndex first_global{};
  ZoneIndex zone{};
  ControlFlowMarks marks;
  bool has_discards : 1 = false;
  bool has_debug_information : 1 = false;
  bool constructors_dropped : 1 = false;  // its variables are kept from a replaced version
  bool has_link_orders : 1 = false;
  bool has_versions : 1 = false;          // some of its symbols are named "name@VERSION" or "name@@VERSION"
  bool has_huge = false;    // sections in the image that are, and arrays: from assign_zones on
  bool has_arrays = false;
  bool has_fragments = false;        // pieces of _init or _fini
  bool has_thread_locals = false;    // defines or refers to some
  bool relaxes_descriptors = false;  // its descriptors are, where the variable allows it
  // By symbol
  Table<SymbolIndex, std::uint16_t> facts;       // SymbolFact bits, from establish_facts on
  Table<SymbolIndex, std::uint64_t> addresses;   // S, from assign_addresses on; first NameKeys
  Table<SymbolIndex, NeedIndex> local_needs;  // allocated with the first need of a local symbol

  std::string_view symbol_name(const Symbol& s) const { return strings.data() + s.name; }
  std::string_view section_name(const Section& s) const { return section_names.data() + raw(s.name); }
  std::string_view signature(const Group& group) const {
    if (raw(group.section_name) != 0) return section_names.data() + raw(group.section_name);
    return symbol_name(symbols[group.signature]);
  }
  bool is_local(SymbolIndex i) const { return raw(i) < raw(first_global); }
  // As the file says now. No bounds are known of it: it may be anything.
  std::uint64_t size_of(SymbolIndex i) const {
    std::uint64_t size = 0;
    std::memcpy(&size, symbol_sizes + std::size_t{raw(i)} * symbol_stride, sizeof size);
    return size;
  }
};
static_assert(sizeof(Object) == 256, "a power of two, as objects are found by their number all the time");

}  // namespace enfold

#endif  // ENFOLD_MODEL_H_
