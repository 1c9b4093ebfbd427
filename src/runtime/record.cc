// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/record.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>
#include <numeric>
#include <ranges>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "apply/addresses.h"
#include "apply/write.h"
#include "face.h"
#include "plan/needs.h"
#include "runtime/keep_state.h"
#include "runtime/stub_frames.h"
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
  if (is_hidden(global) && !global.root) return false;
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

// One that others find, by the hash of its name.
struct Exported {
  std::uint32_t hash = 0;
  GlobalIndex global{};
};

// Hashes are spread evenly: of as many buckets, most hold one symbol or none.
[[gnu::noinline]] void sort_by_hash(LinkState& link, ScratchVector<Exported>& symbols) {
  const auto bits = std::bit_width(static_cast<std::uint32_t>(symbols.size()));
  const auto bucket = [&](const Exported& symbol) { return symbol.hash >> (32 - bits); };
  ScratchVector<std::uint32_t> ends((std::size_t{1} << bits) + 1, 0, &link.scratch);
  for (const Exported& symbol : symbols) ++ends[bucket(symbol) + 1];
  std::partial_sum(ends.begin(), ends.end(), ends.begin());  // starts, until the buckets are filled
  ScratchVector<Exported> sorted(symbols.size(), Exported{}, &link.scratch);
  for (const Exported& symbol : symbols) sorted[ends[bucket(symbol)]++] = symbol;
  const auto comes_before = [&](const Exported& a, const Exported& b) {
    return a.hash != b.hash ? a.hash < b.hash : link.global(a.global).name < link.global(b.global).name;
  };
  std::uint32_t begin = 0;
  for (const std::uint32_t end : ends) {
    if (end - begin > 1) std::sort(sorted.begin() + begin, sorted.begin() + end, comes_before);
    begin = end;
  }
  symbols.swap(sorted);
}

void list_exported(LinkState& link, ScratchVector<Exported>& exported) {
  exported.reserve(link.globals.size());
  std::uint32_t i = 0;
  for (const Global& global : link.globals) {
    if (is_exported(link, global) && is_data_copy(global)) exported.push_back({global.hash, GlobalIndex{i}});
    ++i;
  }
  if (exported.size() > 1) sort_by_hash(link, exported);
}

// ---- Dependencies

UseKind use_kind(const Global& global) {
  if (!global.switchable) return UseKind::kBinding;
  return global.addressed ? UseKind::kDirectData : UseKind::kDataSlot;
}

// One edge for each set that something is had of.
class Edges {
 public:
  explicit Edges(std::vector<Edge>& edges) : edges_(edges) {}

  std::vector<SymbolUse>& to(const std::shared_ptr<SetRecord>& provider) {
    const auto found = std::ranges::find(edges_, provider, &Edge::provider);
    if (found != edges_.end()) return found->uses;
    return edges_.emplace_back(Edge{.provider = provider, .uses = {}}).uses;
  }

 private:
  std::vector<Edge>& edges_;
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
  std::vector<Edge>& dependencies = set.make_ties().dependencies;
  dependencies.resize(link.dependencies.size());
  for (std::size_t i = 0; i < link.dependencies.size(); ++i) dependencies[i].provider = link.dependencies[i];
  for (const Global& global : link.globals) {
    if (global.origin != Origin::kSession || global.provider == kNoProvider) continue;
    std::vector<SymbolUse>& uses = dependencies[global.provider].uses;
    if (global.switchable) add_data_slots(link, global, uses);
    if (!global.switchable || global.addressed) uses.push_back({.symbol = global.name, .kind = use_kind(global)});
  }
  Edges edges(dependencies);
  for (const Kept& kept : link.kept) edges.to(kept.owner).push_back({.symbol = kept.name, .kind = UseKind::kState});
  for (const Need& need : link.needs) {
    if (need.sharing == 0 || need.sharing == kFaceSharing) continue;
    edges.to(link.sharing[need.sharing - 1].set)
        .push_back({.symbol = link.globals[need.symbol].name,
                    .kind = is_stub(need.kind) ? UseKind::kSharedStub : UseKind::kSharedSlot});
  }
}

// ---- What makes the set replaceable

[[gnu::noinline]] void fill_face(const LinkState& link, SetRecord& set) {
  Versions& versions = *set.versions;
  const auto dismiss = [](Face* face) noexcept {
    for (const Block& block : face->blocks) runtime::hide_stubs(block);
    delete face;
  };
  versions.face = std::shared_ptr<Face>(new Face(set.session->options.memory), dismiss);
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
// the set's alone. Lists them behind what is listed, and says how many they are.
std::uint32_t list_shareable(const LinkState& link, NeedKind kind, ScratchVector<SharedEntry>& entries) {
  const std::size_t first = entries.size();
  for (const Need& need : link.needs) {
    if (need.kind != kind || need.sharing != 0 || need.object != kNone<ObjectIndex>) continue;
    if (!is_settled(link, kind == NeedKind::kStub ? link.need(need.slot) : need)) continue;
    entries.push_back({link.globals[need.symbol].value, address_of(link, need)});
  }
  std::ranges::sort(std::span(entries).subspan(first), {}, &SharedEntry::target);
  return static_cast<std::uint32_t>(entries.size() - first);
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

// Calls visit(zone) for each zone that has any.
template <class Visit>
void each_table(const LinkState& link, Visit&& visit) {
  for_each_zone(link, [&](ZoneIndex i, const Zone& zone) {
    if (zone.tables.unwind_size != 0) visit(i);
  });
}

// ---- The record's own block: arrays of 8-byte alignment, one behind the other, and then names

// Names that the record has already: they are the link's.
template <class Visit>
void each_known_name(SetRecord& set, Visit&& visit) {
  visit(set.name);
  for (Edge& edge : set.dependencies()) {
    for (SymbolUse& use : edge.uses) visit(use.symbol);
  }
  if (!set.versions) return;
  for (SwitchTarget& target : set.versions->targets) visit(target.symbol);
}

class Storage {
 public:
  Storage(LinkState& link, SetRecord& set)
      : link_(link), set_(set), exported_(&link.scratch), shareable_(&link.scratch) {}

  void fill() {
    list_exported(link_, exported_);
    if (!link_.needs.empty()) {
      set_.slot_count = list_shareable(link_, NeedKind::kSlot, shareable_);
      set_.stub_count = list_shareable(link_, NeedKind::kStub, shareable_);
    }
    make();
    for (const Exported& symbol : exported_) put(exported(link_.global(symbol.global)));
    for (const SharedEntry& entry : shareable_) put(entry);
    each_table(link_, [&](ZoneIndex zone) { put(frame_tables(link_, zone)); });
    each_known_name(set_, [&](std::string_view& name) { name = keep(name); });
  }

 private:
  void make() {
    std::size_t table_count = 0, names_size = 0;
    each_table(link_, [&](ZoneIndex) { ++table_count; });
    for (const Exported& symbol : exported_) names_size += link_.global(symbol.global).name.size() + 1;
    each_known_name(set_, [&](std::string_view name) { names_size += name.size() + 1; });
    set_.export_count = static_cast<std::uint32_t>(exported_.size());
    set_.frame_count = static_cast<std::uint32_t>(table_count);
    const std::size_t items_size = exported_.size() * sizeof(ExportedSymbol) + table_count * sizeof(FrameTables) +
                                   shareable_.size() * sizeof(SharedEntry);
    at_ = set_.make_storage(items_size + names_size);
    name_ = reinterpret_cast<char*>(at_) + items_size;
  }

  ExportedSymbol exported(const Global& global) {
    return {.name = keep(global.name),
            .address = TargetAddr{effective_address(link_, global)},
            .size = global.size,
            .hash = global.hash,
            .kind = exported_kind(global.type),
            .strong = is_own(global) && global.binding == Binding::kGlobal,
            .unique = global.binding == Binding::kUnique,
            .local = is_hidden(global) || is_unique_elsewhere(global)};
  }

  template <class T>
  void put(const T& item) {
    static_assert(std::is_trivially_copyable_v<T> && alignof(T) == 8);
    ::new (at_) T(item);
    at_ += sizeof(T);
  }

  std::string_view keep(std::string_view name) {
    char* const kept = name_;
    std::memcpy(kept, name.data(), name.size());
    kept[name.size()] = '\0';
    name_ += name.size() + 1;
    return {kept, name.size()};
  }

  LinkState& link_;
  SetRecord& set_;
  ScratchVector<Exported> exported_;
  ScratchVector<SharedEntry> shareable_;  // slots, then stubs
  std::byte* at_ = nullptr;
  char* name_ = nullptr;
};

}  // namespace

const ExportedSymbol* SetRecord::find(HashedName symbol) const {
  const std::span<const ExportedSymbol> all = exports();
  auto found = std::ranges::lower_bound(all, symbol.hash, {}, &ExportedSymbol::hash);
  for (; found != all.end() && found->hash == symbol.hash; ++found) {
    if (found->name == symbol.text) return &*found;
  }
  return nullptr;
}

void fill_record(LinkState& link, SetRecord& set) {
  fill_edges(link, set);
  if (set.versions) fill_face(link, set);
  Storage(link, set).fill();
}

}  // namespace enfold
