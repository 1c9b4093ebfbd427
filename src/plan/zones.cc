// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "plan/zones.h"

#include <algorithm>
#include <bit>

#include "by_object.h"
#include "plan/search_table.h"

namespace enfold {
namespace {

constexpr std::uint64_t kHuge = std::uint64_t{1} << 24;  // zero-filled sections from here on are laid out last

constexpr std::uint64_t kBeyondAddresses = std::uint64_t{1} << 60;  // a sum of some of them does not wrap

// What a zone holds, in bytes, before it is known how many slots and stubs it needs.
struct Extent {
  std::uint64_t near = 0;          // all but what follows
  std::uint64_t huge = 0;          // addressed directly at their starts, smallest first
  std::uint64_t largest_huge = 0;  // comes last of those
  std::uint64_t large = 0;         // never addressed directly
  std::uint64_t alignments = 0;    // of all, their powers of two

  void add(const Extent& other) {
    near = sum(near, other.near);
    huge = sum(huge, other.huge);
    largest_huge = std::max(largest_huge, other.largest_huge);
    large = sum(large, other.large);
    alignments |= other.alignments;
  }
  std::uint64_t span() const { return near + huge + large; }
  std::uint64_t last_start() const { return near + huge - largest_huge; }

  // Sizes come from files: beyond any address space they stay where they are.
  static std::uint64_t sum(std::uint64_t a, std::uint64_t b) { return std::min(a + b, kBeyondAddresses); }
};

// Arrays, and what .eh_frame consists of; `contents_end` is where the object's list of contents ends with that section.
void note_special(Object& object, SectionRole role, const SectionIndex* contents_end) {
  if (is_array(role)) object.has_arrays = true;
  if (role != SectionRole::kUnwind) return;
  object.unwind = {object.unwind.empty() ? contents_end - 1 : object.unwind.data(), contents_end};
}

[[gnu::cold]] void add_huge(Extent& extent, Object& object, Section& section, std::uint64_t size) {
  section.huge = object.has_huge = true;
  if (section.large) {
    extent.large = Extent::sum(extent.large, size);
  } else {
    extent.huge = Extent::sum(extent.huge, size);
    extent.largest_huge = std::max(extent.largest_huge, size);
  }
}

// Where each relocation may need so many bytes beside the section.
void add_section(Extent& extent, Object& object, Section& section, std::uint64_t needs_of_relocation) {
  const std::uint64_t alignment = std::uint64_t{1} << section.p2align, size = section.size + alignment;
  extent.alignments |= alignment;
  if (section.large || (section.zero && section.size >= kHuge)) return add_huge(extent, object, section, size);
  if (section.detail == nullptr) section.plain = true;
  const std::uint64_t needs = section.role == SectionRole::kUnwind
                                  ? search_table_size(section.frame_count())
                                  : std::uint64_t{section.relocation_count} * needs_of_relocation;
  extent.near = Extent::sum(extent.near, size + needs);
}

// Lists the sections in the image, and adds up what they take. Not inlined: its loop has use for all registers.
[[gnu::noinline]] Extent list_image(Arena& arena, Object& object, std::uint64_t needs_of_relocation) {
  const std::span<Section> sections = object.sections.span();
  const std::span<SectionIndex> listed = arena.make_for_overwrite<SectionIndex>(sections.size());
  SectionIndex* contents_end = listed.data();
  SectionIndex* zeros = listed.data() + listed.size();
  Extent extent;
  std::uint32_t i = 0;
  for (Section& section : sections) {
    const SectionIndex index{i++};
    if (!section.in_image()) continue;
    (section.zero ? *--zeros : *contents_end++) = index;
    if (section.role >= SectionRole::kUnwind) note_special(object, section.role, contents_end);
    if (section.role != SectionRole::kThreadLocal) add_section(extent, object, section, needs_of_relocation);
  }
  object.contents = {listed.data(), contents_end};
  object.zeros = {zeros, listed.data() + listed.size()};
  std::reverse(zeros, listed.data() + listed.size());  // the last one came first
  return extent;
}

void add_common(Extent& extent, const Global& global) {
  const std::uint64_t alignment = std::uint64_t{1} << global.common_p2align, size = global.size + alignment;
  extent.alignments |= alignment;
  if (global.large_common) {
    extent.large = Extent::sum(extent.large, size);
  } else {
    extent.near = Extent::sum(extent.near, size);
  }
}

std::uint64_t page_overhead(const Architecture& arch) {
  return (std::uint64_t{kSegmentsPerZone} + 1) << arch.page_p2align;
}

bool holds(const Extent& extent, const Architecture& arch) {
  return extent.last_start() + page_overhead(arch) <= arch.zone_span;
}

// Facts of a symbol that an object of `zone` refers to and that lies in `section` of an object of `home`.
std::uint16_t section_facts(const LinkState& link, ZoneIndex zone, ZoneIndex home, const Section& section) {
  if (!section.in_image()) return kDead;
  if (section.role == SectionRole::kThreadLocal) return kIsThreadLocal;
  if (zone != home) return 0;
  return section.huge && !link.zones[raw(zone)].compact ? kNoFacts : kInZone;
}

std::uint16_t type_facts(SymbolType type) {
  if (type == SymbolType::kFunction) return kIsFunction;
  if (type == SymbolType::kIndirectFunction) return kIsFunction | kIndirect;
  return type == SymbolType::kThreadLocal ? kIsThreadLocal : kNoFacts;
}

ZoneIndex home_zone(const LinkState& link, const Object& object, const Section& section) {
  return section.bundle() == kNone<BundleIndex> ? object.zone : link.bundles[raw(section.bundle())].zone;
}

std::uint16_t facts_in_object(const LinkState& link, ZoneIndex zone, const Object& home, const Symbol& symbol) {
  if (symbol.place == SymbolPlace::kAbsolute) return kAddressKnown;
  const Section& section = home.sections[symbol.section];
  if (section.kept) return kAddressKnown;
  const std::uint16_t facts = section_facts(link, zone, home_zone(link, home, section), section);
  // An indirect function's section is where its resolver lies.
  return symbol.type == SymbolType::kIndirectFunction ? static_cast<std::uint16_t>(facts & ~unsigned{kInZone}) : facts;
}

std::uint16_t facts_of_global(const LinkState& link, ZoneIndex zone, const Global& global) {
  const std::uint16_t type = type_facts(global.type);
  switch (global.origin) {
    case Origin::kSet: {
      const Object& home = link.object(global.object);
      return type | facts_in_object(link, zone, home, home.symbols[global.symbol]);
    }
    case Origin::kCommon: {
      if (global.type == SymbolType::kThreadLocal) return kIsThreadLocal;
      const bool same = link.object(global.object).zone == zone;
      return same && (!global.large_common || link.zones[raw(zone)].compact) ? kInZone : kNoFacts;
    }
    case Origin::kSession:
    case Origin::kProcess: return type | kAddressKnown;
    case Origin::kLibrary: return type | (global.loaded_later ? kNoFacts : kAddressKnown);
    case Origin::kSynthetic: {
      if (global.synthetic == Synthetic::kThreadBase) return kIsThreadLocal;
      if (global.bundle == kNone<BundleIndex>) return type | kInZone;
      return link.bundles[raw(global.bundle)].zone == zone ? kInZone : kNoFacts;
    }
    case Origin::kNull: return kNull;
    case Origin::kMissing:
    case Origin::kUndefined: break;
  }
  return kUnresolved;
}

bool is_visible_function(const Global& global) {
  return global.visibility != SymbolVisibility::kHidden && (type_facts(global.type) & kIsFunction) != 0;
}

std::uint16_t facts_of_local(const LinkState& link, const Object& object, const Symbol& symbol) {
  const bool direct = symbol.type != SymbolType::kIndirectFunction;
  if (symbol.place == SymbolPlace::kSection && direct && object.sections[symbol.section].plain) {
    return kInZone | kPlain | (symbol.type == SymbolType::kFunction ? kIsFunction : kNoFacts);
  }
  if (symbol.place == SymbolPlace::kUndefined) {
    return &symbol == object.symbols.span().data() ? kAddressKnown : kUnresolved;  // symbol 0: no symbol, value 0
  }
  return type_facts(symbol.type) | facts_in_object(link, object.zone, object, symbol);
}

void establish(const LinkState& link, const Object& object) {
  const std::span<const Symbol> symbols = object.symbols.span();
  const std::span<std::uint16_t> facts = object.facts.span();
  const std::size_t first_global = std::min<std::size_t>(raw(object.first_global), symbols.size());
  for (std::size_t i = 0; i < first_global; ++i) facts[i] = facts_of_local(link, object, symbols[i]);
  for (std::size_t i = first_global; i < symbols.size(); ++i) {
    const Global& global = link.global(symbols[i].global);
    facts[i] = object.zone == ZoneIndex{} ? global.facts : facts_of_global(link, object.zone, global);
  }
}

// Of one that the set defines.
void establish_definition(const LinkState& link, Global& global) {
  const Object& home = link.object(global.object);
  const Symbol& symbol = home.symbols[global.symbol];
  global.facts = type_facts(global.type) | facts_in_object(link, ZoneIndex{}, home, symbol);
  if (symbol.place == SymbolPlace::kAbsolute) global.value = symbol.value;
  if (symbol.place != SymbolPlace::kSection) return;
  const Section& section = home.sections[symbol.section];
  if (section.kept) global.value = section.kept_at() + symbol.value;
  if (is_replaceable(link)) global.faced = section.in_image() && is_visible_function(global);
}

void establish(const LinkState& link, Global& global) {
  if (global.origin == Origin::kSet) return establish_definition(link, global);
  global.facts = facts_of_global(link, ZoneIndex{}, global);
}

}  // namespace

std::uint64_t assign_zones(LinkState& link) {
  const Architecture& arch = *link.arch;
  // Each relocation may need a slot, a stub and its slot: far more than ever come about.
  const std::uint64_t needs_of_relocation = 2u * arch.slot_size + link.stubs->size;
  Extent zone, all;
  const auto add_zone = [&] {
    link.zones.emplace_back().compact = zone.span() + page_overhead(arch) <= arch.zone_span;
    all.add(zone);
  };
  for (const Global& global : link.globals) {
    const bool placed = global.origin == Origin::kCommon && global.type != SymbolType::kThreadLocal;
    if (placed) add_common(zone, global);
  }
  for (Object& object : link.objects) {
    const Extent extent = list_image(link.arena, object, needs_of_relocation);
    link.has_huge |= object.has_huge;
    link.has_arrays |= object.has_arrays;
    Extent joined = zone;
    joined.add(extent);
    if (!holds(joined, arch) && zone.span() != 0) {
      add_zone();
      joined = extent;
    }
    zone = joined;
    object.zone = index_of<ZoneIndex>(link.zones.size());
  }
  add_zone();
  // Where what lies in the image is aligned to more than a page, so is the image.
  const std::uint64_t alignment = std::bit_floor(all.alignments);
  const std::uint64_t slack = alignment >> arch.page_p2align != 0 ? alignment : 0;
  return all.span() + link.zones.size() * page_overhead(arch) + slack;
}

void establish_facts(LinkState& link) {
  for (Object& object : link.objects) {
    const std::span<std::uint16_t> facts = link.arena.make_for_overwrite<std::uint16_t>(object.symbols.size());
    object.facts = Table<SymbolIndex, std::uint16_t>(facts);
  }
  for_each_global_and_object(link, [&](auto& item) { establish(link, item); });
}

}  // namespace enfold
