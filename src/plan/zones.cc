// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "plan/zones.h"

#include <algorithm>

#include "by_object.h"
#include "plan/search_table.h"

namespace enfold {
namespace {

constexpr std::uint64_t kHuge = std::uint64_t{1} << 24;  // zero-filled sections from here on are laid out last

constexpr std::uint64_t kBeyondAddresses = std::uint64_t{1} << 60;  // a sum of two of them does not wrap

// What a zone holds, in bytes, before it is known how many slots and stubs it needs.
struct Extent {
  std::uint64_t near = 0;          // all but what follows
  std::uint64_t huge = 0;          // addressed directly at their starts, smallest first
  std::uint64_t largest_huge = 0;  // comes last of those
  std::uint64_t large = 0;         // never addressed directly

  void add(const Extent& other) {
    near = sum(near, other.near);
    huge = sum(huge, other.huge);
    largest_huge = std::max(largest_huge, other.largest_huge);
    large = sum(large, other.large);
  }
  std::uint64_t span() const { return sum(sum(near, huge), large); }
  std::uint64_t last_start() const { return sum(near, huge - largest_huge); }

  // Sizes come from files: beyond any address space they stay where they are.
  static std::uint64_t sum(std::uint64_t a, std::uint64_t b) { return std::min(a + b, kBeyondAddresses); }
};

void add_section(Extent& extent, Section& section, std::uint64_t most_a_relocation_needs) {
  const std::uint64_t size = section.size + (std::uint64_t{1} << section.p2align);
  section.huge = section.large || (section.zero && section.size >= kHuge);
  if (section.large) {
    extent.large = Extent::sum(extent.large, size);
  } else if (section.huge) {
    extent.huge = Extent::sum(extent.huge, size);
    extent.largest_huge = std::max(extent.largest_huge, size);
  } else {
    // Each relocation may need a slot, a stub and its slot: far more than ever come about.
    const std::uint64_t needs = section.role == SectionRole::kUnwind
                                    ? search_table_size(section.frame_count())
                                    : std::uint64_t{section.relocation_count} * most_a_relocation_needs;
    extent.near = Extent::sum(extent.near, size + needs);
  }
}

// Lists the sections in the image, and adds up what they take.
Extent list_image(LinkState& link, Object& object) {
  const std::uint64_t needs = 2u * link.arch->slot_size + link.stubs->size;
  const std::size_t count = object.sections.size();
  const std::span<SectionIndex> listed = link.arena.make_for_overwrite<SectionIndex>(count);
  std::size_t contents = 0, zeros = count, unwind = 0, unwind_end = 0;
  Extent extent;
  bool has_huge = false, has_arrays = false;
  for (std::size_t i = 0; i < count; ++i) {
    Section& section = object.sections[index_of<SectionIndex>(i)];
    if (!section.in_image()) continue;
    if (section.role == SectionRole::kUnwind) {
      if (unwind_end == 0) unwind = contents;
      unwind_end = contents + 1;
    }
    listed[section.zero ? --zeros : contents++] = index_of<SectionIndex>(i);
    if (section.role == SectionRole::kThreadLocal) continue;
    add_section(extent, section, needs);
    section.plain = section.detail == nullptr && !section.huge;
    has_huge |= section.huge;
    has_arrays |= is_array(section.role);
  }
  std::ranges::reverse(listed.subspan(zeros));  // the last one came first
  object.contents = listed.first(contents);
  object.unwind = listed.subspan(unwind, unwind_end - unwind);
  object.zeros = listed.subspan(zeros);
  object.has_huge = has_huge;
  object.has_arrays = has_arrays;
  return extent;
}

void add_common(Extent& extent, const Global& global) {
  const std::uint64_t size = global.size + (std::uint64_t{1} << global.common_p2align);
  std::uint64_t& part = global.large_common ? extent.large : extent.near;
  part = Extent::sum(part, size);
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
  if (symbol.place == SymbolPlace::kUndefined) return kAddressKnown;  // symbol 0: no symbol, value 0
  const bool direct = symbol.type != SymbolType::kIndirectFunction;
  if (direct && symbol.place == SymbolPlace::kSection && object.sections[symbol.section].plain) {
    return kInZone | kPlain | (symbol.type == SymbolType::kFunction ? kIsFunction : kNoFacts);
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

void establish(const LinkState& link, Global& global) {
  global.facts = facts_of_global(link, ZoneIndex{}, global);
  if (global.origin != Origin::kSet) return;
  const Symbol& symbol = link.object(global.object).symbols[global.symbol];
  if (symbol.place == SymbolPlace::kAbsolute) global.value = symbol.value;
  if (symbol.place != SymbolPlace::kSection) return;
  const Section& section = link.object(global.object).sections[symbol.section];
  if (section.kept) global.value = section.kept_at() + symbol.value;
  global.faced = is_replaceable(link) && section.in_image() && is_visible_function(global);
}

}  // namespace

std::uint64_t assign_zones(LinkState& link) {
  const Architecture& arch = *link.arch;
  Extent zone, all;
  link.zones.assign(1, Zone{});
  for (const Global& global : link.globals) {
    const bool placed = global.origin == Origin::kCommon && global.type != SymbolType::kThreadLocal;
    if (placed) add_common(zone, global);
  }
  for (Object& object : link.objects) {
    const Extent extent = list_image(link, object);
    Extent joined = zone;
    joined.add(extent);
    if (!holds(joined, arch) && zone.span() != 0) {
      link.zones.emplace_back();
      all.add(zone);
      joined = extent;
    }
    zone = joined;
    link.zones.back().compact = zone.span() + page_overhead(arch) <= arch.zone_span;
    object.zone = index_of<ZoneIndex>(link.zones.size() - 1);
  }
  all.add(zone);
  return all.span() + link.zones.size() * page_overhead(arch);
}

void establish_facts(LinkState& link) {
  for (Object& object : link.objects) {
    object.facts = Table<SymbolIndex, std::uint16_t>(link.arena.make<std::uint16_t>(object.symbols.size()));
  }
  for_each_global_and_object(link, [&](auto& item) { establish(link, item); });
}

}  // namespace enfold
