// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "report.h"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "apply/addresses.h"
#include "load.h"
#include "plan/needs.h"
#include "runtime/set_record.h"

namespace enfold {
namespace {

// Segments of a plan are those that hold something; sections and needs count in these.
std::vector<std::uint32_t> number_segments(const LinkState& link) {
  std::vector<std::uint32_t> numbers(link.segments.size());
  std::uint32_t n = 0;
  for (std::size_t i = 0; i < link.segments.size(); ++i) numbers[i] = link.segments[i].size == 0 ? n : n++;
  return numbers;
}

// The slots and stubs that lie in a segment.
struct EntryCount {
  std::uint32_t slots = 0, stubs = 0;
  std::uint64_t slot_size = 0, stub_size = 0;
};

std::vector<EntryCount> count_entries(const LinkState& link) {
  std::vector<EntryCount> counts(link.segments.size());
  for (const Need& need : link.needs) {
    const bool stub = is_stub(need.kind);
    if (need.sharing != 0 || (!stub && slot_words(need.kind) == 0)) continue;
    EntryCount& count = counts[need.segment];
    ++(stub ? count.stubs : count.slots);
    (stub ? count.stub_size : count.slot_size) += need.size;
  }
  return counts;
}

PlannedSegment planned_segment(const LinkState& link, std::uint32_t i, const EntryCount& entries) {
  const Segment& s = link.segments[i];
  return {.protection = s.protection,
          .zone = i < face_segment(link, FaceSegment::kStubs) ? i / kSegmentsPerZone : 0,
          .size = s.size,
          .written_size = s.written_size,
          .p2align = s.p2align,
          .section_count = s.section_count,
          .slot_count = entries.slots,
          .stub_count = entries.stubs,
          .slot_size = entries.slot_size,
          .stub_size = entries.stub_size,
          .base = s.base};
}

Place first_use(const LinkState& link, const Need& need) {
  const Object& object = link.object(need.use_object);
  if (raw(need.use_section) == 0) {
    Place place;
    place.object = object.name;
    return place;
  }
  Fixup fixup;
  const Section& section = object.sections[need.use_section];
  object.scheme->decode(object, section, need.use_relocation, {&fixup, 1});
  return place_of(object, need.use_section, need.use_relocation, fixup);
}

std::string_view sharing_set(const LinkState& link, const Need& need) {
  return need.sharing == kFaceSharing ? std::string_view(link.replaced->name) : link.sharing[need.sharing - 1].name;
}

TargetAddr planned_address(const LinkState& link, const Need& need) {
  const bool is_own = need.sharing == 0 && need.segment != kThreadSegment;
  const bool is_unplaced = is_own && value(link.segments[need.segment].base) == 0;
  return is_unplaced ? TargetAddr{} : address_of(link, need);
}

PlannedNeed planned_need(const LinkState& link, const Need& need) {
  PlannedNeed planned{.kind = need.kind,
                      .reason = need.reason,
                      .zone = raw(need.zone),
                      .symbol = {},
                      .symbol_object = {},
                      .shared_with = {},
                      .address = planned_address(link, need),
                      .size = need.size,
                      .use_count = need.use_count,
                      .first_use = first_use(link, need)};
  if (need.sharing != 0) planned.shared_with = sharing_set(link, need);
  if (need.object == kNone<ObjectIndex>) {
    planned.symbol = link.globals[need.symbol].name;
  } else {
    planned.symbol = display_name(link.object(need.object), SymbolIndex{need.symbol});
    planned.symbol_object = link.object(need.object).name;
  }
  return planned;
}

void list_sections(const LinkState& link, const std::vector<std::uint32_t>& numbers, Plan& plan) {
  for (const Object& object : link.objects) {
    for (const Section& section : object.sections) {
      if (!section.in_image() || section.role == SectionRole::kThreadLocal || section.laid_size() == 0) continue;
      plan.sections.push_back({.object = std::string(object.name),
                               .name = std::string(object.section_name(section)),
                               .segment = numbers[section.segment],
                               .offset = section.offset,
                               .size = section.laid_size(),
                               .p2align = section.p2align});
    }
  }
  std::ranges::stable_sort(plan.sections, {}, [](const PlannedSection& s) { return std::pair(s.segment, s.offset); });
}

std::string origin_of(const LinkState& link, const Global& global) {
  switch (global.origin) {
    case Origin::kSet:
    case Origin::kCommon: return std::string(link.object(global.object).name);
    case Origin::kSession:
      return std::string(global.provider == kNoProvider ? "session" : link.dependencies[global.provider]->name);
    case Origin::kLibrary: return link.libraries[global.library].name;
    case Origin::kProcess: return "process";
    case Origin::kSynthetic: return "linker";
    case Origin::kNull: return "undefined weak";
    case Origin::kMissing:
    case Origin::kUndefined: break;
  }
  return "undefined";
}

bool is_known(const Global& global) {
  return global.origin == Origin::kSession || global.origin == Origin::kLibrary || global.origin == Origin::kProcess;
}

void list_symbols(const LinkState& link, Plan& plan) {
  for (const Global& global : link.globals) {
    if (global.origin == Origin::kUndefined) continue;
    PlannedSymbol symbol{.name = std::string(global.name), .origin = origin_of(link, global), .size = global.size};
    if (link.reserved && global.origin == Origin::kSynthetic) {
      symbol.address = TargetAddr{synthetic_address(link, global, ZoneIndex{})};
    } else if (link.reserved || is_known(global)) {
      symbol.address = TargetAddr{link.reserved ? effective_address(link, global) : global.value};
    }
    plan.symbols.push_back(std::move(symbol));
  }
  std::ranges::stable_sort(plan.symbols, {}, &PlannedSymbol::name);
}

void count_sections(const LinkState& link, Plan& plan) {
  for (const Object& object : link.objects) {
    for (const Section& section : object.sections) {
      if (section.role == SectionRole::kIgnored) continue;
      if (section.in_image()) {
        ++plan.section_count;
        plan.discarded_size += section.size - section.laid_size();
      } else {
        ++plan.discarded_section_count;
        plan.discarded_size += section.size;
      }
    }
  }
}

}  // namespace

namespace {

PlannedThreadStorage planned_threads(const LinkState& link) {
  const ThreadLocals& threads = link.threads;
  if (threads.size == 0) return {};
  const bool made = threads.modules.front().id != 0;
  return {.size = threads.size,
          .image_size = threads.image_size,
          .p2align = threads.p2align,
          .section_count = threads.section_count,
          .is_static = made ? threads.modules.front().is_static : threads.is_static,
          .module = threads.modules.front().id,
          .tp_offset = threads.modules.front().tp_offset};
}

}  // namespace

Plan make_plan(const LinkState& link, Detail detail) {
  Plan plan;
  plan.set = link.set->name();
  plan.architecture = link.arch == nullptr ? "" : link.arch->name;
  plan.window = link.window;
  plan.zone_count = static_cast<std::uint32_t>(link.zones.size());
  const std::vector<EntryCount> entries = count_entries(link);
  for (std::uint32_t i = 0; i < link.segments.size(); ++i) {
    if (link.segments[i].size != 0) plan.segments.push_back(planned_segment(link, i, entries[i]));
  }
  for (const Need& need : link.needs) {
    plan.needs.push_back(planned_need(link, need));
    if (need.sharing != 0) ++(is_stub(need.kind) ? plan.shared_stub_count : plan.shared_slot_count);
  }
  plan.threads = planned_threads(link);
  plan.unresolved.assign(link.unresolved.begin(), link.unresolved.end());
  for (const Object& object : link.objects) plan.inputs.emplace_back(object.name);
  plan.passes.assign(link.passes.begin(), link.passes.end());
  plan.object_count = link.objects.size();
  plan.relocation_count = link.relocation_count;
  plan.relaxed_count = link.relaxed_count;
  plan.landing_pads = link.marks.landing_pads;
  plan.shadow_stack = link.marks.shadow_stack;
  plan.kept_section_count = link.kept_section_count;
  plan.kept_symbol_count = link.kept_symbol_count;
  count_sections(link, plan);
  if (detail == Detail::kSections) {
    list_sections(link, number_segments(link), plan);
    list_symbols(link, plan);
  }
  return plan;
}

// Of a symbol whose version nobody has.
static std::string versions_there_are(const LinkState& link, std::string_view symbol) {
  for (const OtherVersions& others : link.other_versions) {
    if (others.name != symbol) continue;
    return fmt::format(" in this version; its versions are {}", fmt::join(others.found, ", "));
  }
  return {};
}

Error undefined_symbols(const LinkState& link) {
  Error all(ErrorCode::kUndefinedSymbol, link.unresolved.size() == 1
                                             ? std::string("a symbol is undefined")
                                             : fmt::format("{} symbols are undefined", link.unresolved.size()));
  for (const UnresolvedSymbol& symbol : link.unresolved) {
    Place place;
    place.symbol = symbol.name;
    Error one(ErrorCode::kUndefinedSymbol, "undefined" + versions_there_are(link, symbol.name), std::move(place));
    for (const Place& reference : symbol.references) {
      Place where = reference;
      where.symbol.clear();
      one = std::move(one).with_cause(Error(ErrorCode::kUndefinedSymbol, "referred to here", std::move(where)));
    }
    if (symbol.reference_count > symbol.references.size()) {
      one = std::move(one).with_cause(Error(ErrorCode::kUndefinedSymbol,
                                            fmt::format("and in {} more places",
                                                        symbol.reference_count - symbol.references.size())));
    }
    all = std::move(all).with_cause(std::move(one));
  }
  constexpr std::size_t kMembersShown = 3;
  for (Error& member : foreign_members(link, kMembersShown)) all = std::move(all).with_cause(std::move(member));
  return all;
}

}  // namespace enfold
