// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/record.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>
#include <numeric>
#include <ranges>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "apply/addresses.h"
#include "apply/write.h"
#include "face.h"
#include "plan/needs.h"
#include "runtime/keep_state.h"
#include "session_state.h"

namespace enfold {
namespace {

HostSymbolKind exported_kind(SymbolType type) {
  if (type == SymbolType::kFunction || type == SymbolType::kIndirectFunction) return HostSymbolKind::kFunction;
  if (type == SymbolType::kThreadLocal) return HostSymbolKind::kThreadLocal;
  return type == SymbolType::kObject ? HostSymbolKind::kData : HostSymbolKind::kUnknown;
}

bool is_hidden(const Global& global) { return global.visibility == SymbolVisibility::kHidden; }

// The set defines it, but the process or an earlier set had it first.
bool is_unique_elsewhere(const Global& global) {
  return global.binding == Binding::kUnique && global.origin != Origin::kSet && global.origin != Origin::kCommon;
}

bool is_exported(const LinkState& link, const Global& global) {
  if (is_hidden(global) && std::ranges::find(link.options->roots, global.name) == link.options->roots.end())
    return false;
  if (global.origin == Origin::kCommon || global.kept_by != 0 || is_unique_elsewhere(global)) return true;
  if (global.origin == Origin::kProcess || global.origin == Origin::kLibrary) {
    return effective_address(link, global) != global.value;  // copied, so that later sets use the same copy
  }
  return global.origin == Origin::kSet && (global.facts & kDead) == 0;
}

bool is_own(const Global& global) { return global.origin == Origin::kSet || global.kept_by != 0; }

// Functions stay the process's: only copied data becomes the set's.
bool is_data_copy(const Global& global) {
  return is_unique_elsewhere(global) || global.origin == Origin::kSet || global.origin == Origin::kCommon ||
         global.type != SymbolType::kFunction;
}

bool comes_before(const ExportedSymbol& a, const ExportedSymbol& b) {
  return a.hash != b.hash ? a.hash < b.hash : a.name < b.name;
}

// Hashes are spread evenly: of as many buckets, most hold one symbol or none.
ScratchVector<ExportedSymbol> by_hash(LinkState& link, ScratchVector<ExportedSymbol> symbols) {
  if (symbols.size() < 2) return symbols;
  const auto bits = std::bit_width(static_cast<std::uint32_t>(symbols.size()));
  const auto bucket = [&](const ExportedSymbol& symbol) { return symbol.hash >> (32 - bits); };
  ScratchVector<std::uint32_t> ends((std::size_t{1} << bits) + 1, 0, &link.scratch);
  for (const ExportedSymbol& symbol : symbols) ++ends[bucket(symbol) + 1];
  std::partial_sum(ends.begin(), ends.end(), ends.begin());  // starts, until the buckets are filled
  ScratchVector<ExportedSymbol> sorted(symbols.size(), ExportedSymbol{}, &link.scratch);
  for (const ExportedSymbol& symbol : symbols) sorted[ends[bucket(symbol)]++] = symbol;
  std::uint32_t begin = 0;
  for (const std::uint32_t end : ends) {
    if (end - begin > 1) std::sort(sorted.begin() + begin, sorted.begin() + end, comes_before);
    begin = end;
  }
  return sorted;
}

ScratchVector<ExportedSymbol> exports_of(LinkState& link) {
  ScratchVector<ExportedSymbol> exports(&link.scratch);
  exports.reserve(link.globals.size());
  for (const Global& global : link.globals) {
    if (!is_exported(link, global) || !is_data_copy(global)) continue;
    exports.push_back({.name = global.name,
                       .address = TargetAddr{effective_address(link, global)},
                       .size = global.size,
                       .kind = exported_kind(global.type),
                       .strong = is_own(global) && global.binding == Binding::kGlobal,
                       .unique = global.binding == Binding::kUnique,
                       .local = is_hidden(global) || is_unique_elsewhere(global),
                       .hash = global.hash});
  }
  return by_hash(link, std::move(exports));
}

// Null entries and the all-ones sentinel of old .ctors lists are no functions.
bool is_function(std::uint64_t word) { return word != 0 && word != ~std::uint64_t{0}; }

std::uint64_t array_word(const LinkState& link, const Section& section, std::uint64_t i) {
  std::uint64_t word = 0;
  const std::size_t size = link.arch->slot_size;
  std::memcpy(&word, working(link, section.segment, section.offset + i * size), size);
  return word;
}

// Functions of an array section in the order in which they stand or, for .ctors and .dtors, from the last.
void append_array(const LinkState& link, const Section& section, std::vector<TargetAddr>& functions) {
  const std::uint64_t count = section.laid_size / link.arch->slot_size;
  for (std::uint64_t k = 0; k < count; ++k) {
    const std::uint64_t word = array_word(link, section, section.reversed ? count - 1 - k : k);
    if (is_function(word)) functions.push_back(TargetAddr{word});
  }
}

void append_arrays(const LinkState& link, SectionRole role, std::vector<TargetAddr>& functions) {
  for (const Bundle& bundle : link.bundles) {
    if (bundle.role != role) continue;
    for (const Bundle::Member& member : bundle.members) {
      append_array(link, link.object(member.object).sections[member.section], functions);
    }
  }
}

// ---- Dependencies

UseKind use_kind(const Global& global) {
  if (!global.switchable) return UseKind::kBinding;
  return global.addressed ? UseKind::kDirectData : UseKind::kDataSlot;
}

// One edge for each set that something is had of.
class Edges {
 public:
  explicit Edges(SetRecord& set) : set_(set) {}

  std::vector<SymbolUse>& to(const std::shared_ptr<SetRecord>& provider) {
    const auto found = std::ranges::find(set_.dependencies, provider, &Edge::provider);
    if (found != set_.dependencies.end()) return found->uses;
    return set_.dependencies.emplace_back(Edge{.provider = provider, .uses = {}}).uses;
  }

 private:
  SetRecord& set_;
};

// Slots for data that another version may come to define; the set's stubs for such functions are the provider's.
void add_data_slots(const LinkState& link, const Global& global, std::vector<SymbolUse>& uses) {
  for (NeedIndex i = global.needs; i != kNone<NeedIndex>; i = link.need(i).next) {
    const Need& need = link.need(i);
    if (need.kind != NeedKind::kSlot || need.sharing != 0) continue;
    uses.push_back({.symbol = global.name, .kind = UseKind::kDataSlot, .slot = address_of(link, need)});
  }
}

void fill_edges(const LinkState& link, SetRecord& set) {
  if (link.dependencies.empty() && link.kept.empty() && link.sharing.empty()) return;
  set.dependencies.resize(link.dependencies.size());
  for (std::size_t i = 0; i < link.dependencies.size(); ++i) set.dependencies[i].provider = link.dependencies[i];
  for (const Global& global : link.globals) {
    if (global.origin != Origin::kSession || global.provider == kNoProvider) continue;
    std::vector<SymbolUse>& uses = set.dependencies[global.provider].uses;
    if (global.switchable) add_data_slots(link, global, uses);
    if (!global.switchable || global.addressed) uses.push_back({.symbol = global.name, .kind = use_kind(global)});
  }
  Edges edges(set);
  for (const Kept& kept : link.kept) edges.to(kept.owner).push_back({.symbol = kept.name, .kind = UseKind::kState});
  for (const Need& need : link.needs) {
    if (need.sharing == 0 || need.sharing == kFaceSharing) continue;
    edges.to(link.sharing[need.sharing - 1].set)
        .push_back({.symbol = link.globals[need.symbol].name,
                    .kind = is_stub(need.kind) ? UseKind::kSharedStub : UseKind::kSharedSlot});
  }
}

// ---- What makes the set replaceable

void fill_face(const LinkState& link, SetRecord& set) {
  Versions& versions = *set.versions;
  versions.face = std::make_shared<Face>(set.session->options.memory);
  for (const Need& need : link.needs) {
    if (!need.face || need.kind == NeedKind::kSlot || need.sharing != 0) continue;
    versions.face->entries.emplace(
        std::string(link.globals[need.symbol].name),
        Face::Entry{.stub = address_of(link, need), .slot = address_of(link, link.need(need.slot)), .version = &set});
  }
  // Where the stubs that the replaced version has will lead.
  for (const Need& need : link.needs) {
    if (need.sharing != kFaceSharing) continue;
    const Global& global = link.globals[need.symbol];
    versions.targets.push_back({.symbol = global.name, .address = TargetAddr{global.value}});
  }
  std::ranges::sort(versions.targets, {}, &SwitchTarget::symbol);
  versions.state = describe_state(link);
}

// ---- What later sets may share

// Slots that hold, and stubs that lead to, one address for good. Canonical stubs and those that bind an argument are
// the set's alone.
void add_shareable(const LinkState& link, bool stubs, ScratchVector<SharedEntry>& entries) {
  const std::size_t before = entries.size();
  const NeedKind kind = stubs ? NeedKind::kStub : NeedKind::kSlot;
  for (const Need& need : link.needs) {
    if (need.kind != kind || need.sharing != 0 || need.object != kNone<ObjectIndex>) continue;
    if (!is_settled(link, stubs ? link.need(need.slot) : need)) continue;
    entries.push_back({link.globals[need.symbol].value, address_of(link, need)});
  }
  std::ranges::sort(std::span(entries).subspan(before), {}, &SharedEntry::target);
}

// ---- Unwind tables

FrameTables frame_tables(const LinkState& link, ZoneIndex zone) {
  const ZoneTables& tables = link.zones[raw(zone)].tables;
  const std::uint32_t constants = segment_of(zone, SegmentRole::kConstant), code = segment_of(zone, SegmentRole::kCode);
  return {.eh_frame = address_of(link, constants, 0),
          .eh_frame_size = tables.unwind_size,
          .search_table = tables.search_size == 0 ? TargetAddr{} : address_of(link, constants, tables.search_at),
          .code = address_of(link, code, 0),
          .code_size = link.segments[code].size};
}

ScratchVector<FrameTables> frames_of(LinkState& link) {
  ScratchVector<FrameTables> frames(&link.scratch);
  for (std::uint32_t zone = 0; zone < link.zones.size(); ++zone) {
    if (link.zones[zone].tables.unwind_size != 0) frames.push_back(frame_tables(link, ZoneIndex{zone}));
  }
  return frames;
}

// ---- The record's own block

template <class Visit>
void each_name(SetRecord& set, Visit&& visit) {
  visit(set.name);
  for (ExportedSymbol& symbol : set.exports) visit(symbol.name);
  for (Edge& edge : set.dependencies) {
    for (SymbolUse& use : edge.uses) visit(use.symbol);
  }
  if (!set.versions) return;
  for (SwitchTarget& target : set.versions->targets) visit(target.symbol);
}

// Arrays of 8-byte alignment, one behind the other.
template <class T>
std::span<T> move_to(std::byte*& at, std::span<T> items) {
  static_assert(std::is_trivially_copyable_v<T> && alignof(T) == 8);
  auto* const first = reinterpret_cast<T*>(at);
  std::uninitialized_copy(items.begin(), items.end(), first);
  at += items.size_bytes();
  return {first, items.size()};
}

// Moves what the record's views show, which is the link's, to its own storage, and the names, which are the inputs'.
void keep(SetRecord& set) {
  std::size_t size = set.exports.size_bytes() + set.shareable.size_bytes() + set.frames.size_bytes();
  each_name(set, [&](const std::string_view& name) { size += name.size() + 1; });
  std::byte* at = set.make_storage(size);
  set.exports = move_to(at, set.exports);
  set.shareable = move_to(at, set.shareable);
  set.frames = move_to(at, set.frames);
  each_name(set, [&](std::string_view& name) {
    auto* const text = reinterpret_cast<char*>(at);
    std::memcpy(text, name.data(), name.size());
    text[name.size()] = '\0';
    at += name.size() + 1;
    name = {text, name.size()};
  });
}

}  // namespace

const ExportedSymbol* SetRecord::find(HashedName symbol) const {
  auto found = std::ranges::lower_bound(exports, symbol.hash, {}, &ExportedSymbol::hash);
  for (; found != exports.end() && found->hash == symbol.hash; ++found) {
    if (found->name == symbol.text) return &*found;
  }
  return nullptr;
}

void note_functions(const LinkState& link, SetRecord& set) {
  std::vector<TargetAddr> initialisers, finalisers;
  append_arrays(link, SectionRole::kPreinitArray, initialisers);
  append_arrays(link, SectionRole::kInitArray, initialisers);
  append_arrays(link, SectionRole::kFiniArray, finalisers);
  if (initialisers.empty() && finalisers.empty()) return;
  std::ranges::reverse(finalisers);
  set.make_course().initialisers = std::move(initialisers);
  set.make_course().finalisers = std::move(finalisers);
}

void fill_record(LinkState& link, SetRecord& set) {
  ScratchVector<ExportedSymbol> exports = exports_of(link);
  ScratchVector<SharedEntry> shareable(&link.scratch);
  add_shareable(link, false, shareable);
  set.shareable_slot_count = static_cast<std::uint32_t>(shareable.size());
  add_shareable(link, true, shareable);
  ScratchVector<FrameTables> frames = frames_of(link);
  fill_edges(link, set);
  if (set.versions) fill_face(link, set);
  set.exports = exports;
  set.shareable = shareable;
  set.frames = frames;
  keep(set);
}

}  // namespace enfold
