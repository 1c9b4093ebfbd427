// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "plan/needs.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace enfold {
namespace {

// What a slot holds once and for all, known before the set has addresses.
bool has_fixed_address(const Global& global) {
  if (global.switchable || global.loaded_later) return false;
  return global.origin == Origin::kSession || global.origin == Origin::kLibrary || global.origin == Origin::kProcess;
}

bool is_near(const LinkState& link, std::uint64_t address) {
  const std::uint64_t span = link.arch->zone_span;
  const std::uint64_t below = link.window.lo > span ? link.window.lo - span : 0;
  return link.window.hi - link.window.lo < span && address >= link.window.hi - std::min(span, link.window.hi) &&
         address >= below && address < link.window.lo + span;
}

std::optional<TargetAddr> find_shared(std::span<const SharedEntry> entries, std::uint64_t target) {
  const auto found = std::ranges::lower_bound(entries, target, {}, &SharedEntry::target);
  if (found == entries.end() || found->target != target) return std::nullopt;
  return found->address;
}

NeedIndex make_need(LinkState& link, NeedIndex& head, const Need& need) {
  const NeedIndex index = index_of<NeedIndex>(link.needs.size());
  link.needs.push_back(need);
  link.needs.back().next = head;
  head = index;
  return index;
}

// A stub that becomes the symbol's address serves the calls of its zone, too.
NeedIndex find_alike(LinkState& link, NeedIndex head, const Need& need) {
  if (need.kind == NeedKind::kStub) return find_stub(link, head, need.zone);
  if (need.kind != NeedKind::kCanonicalStub) return find_need(link, head, need.kind, need.zone);
  const NeedIndex canonical = canonical_stub(link, head);
  if (canonical != kNone<NeedIndex>) return canonical;
  const NeedIndex stub = find_need(link, head, NeedKind::kStub, need.zone);
  if (stub != kNone<NeedIndex>) {
    link.need(stub).kind = need.kind;
    link.need(stub).reason = need.reason;
    link.need(stub).sharing = 0;  // the address of the function in this set: with a landing pad, if the set has those
  }
  return stub;
}

// A slot or stub of a set that this one shares with, for the same target and in reach of all that may use it.
void share(const LinkState& link, Need& need) {
  const bool slot = need.kind == NeedKind::kSlot;
  if (need.object != kNone<ObjectIndex> || (!slot && need.kind != NeedKind::kStub)) return;
  const Global& global = link.globals[need.symbol];
  if (!has_fixed_address(global)) return;
  for (std::uint32_t i = 0; i < link.sharing.size(); ++i) {
    const SharingSet& set = link.sharing[i];
    const std::optional<TargetAddr> found = find_shared(slot ? set.slots : set.stubs, global.value);
    if (!found || !is_near(link, value(*found))) continue;
    need.sharing = i + 1;
    need.shared_at = *found;
    return;
  }
}

NeedIndex use_need(LinkState& link, NeedIndex& head, const Need& need, const Use& use) {
  NeedIndex found = find_alike(link, head, need);
  if (found == kNone<NeedIndex>) {
    found = make_need(link, head, need);
    Need& made = link.need(found);
    made.use_object = use.object;
    made.use_section = use.section;
    made.use_relocation = use.relocation;
    made.use_offset = use.offset;
    if (!link.sharing.empty()) share(link, made);
  }
  ++link.need(found).use_count;
  return found;
}

NeedIndex& head_of(LinkState& link, Object& object, SymbolIndex symbol) {
  const GlobalIndex global = object.symbols[symbol].global;
  if (global != kNone<GlobalIndex>) return link.global(global).needs;
  if (object.local_needs.empty()) {
    const std::span<NeedIndex> heads = link.arena.make<NeedIndex>(raw(object.first_global));
    std::ranges::fill(heads, kNone<NeedIndex>);
    object.local_needs = Table<SymbolIndex, NeedIndex>(heads);
  }
  return object.local_needs[symbol];
}

}  // namespace

NeedIndex find_need(const LinkState& link, NeedIndex head, NeedKind kind, ZoneIndex zone) {
  while (head != kNone<NeedIndex> && (link.need(head).kind != kind || link.need(head).zone != zone)) {
    head = link.need(head).next;
  }
  return head;
}

NeedIndex find_stub(const LinkState& link, NeedIndex head, ZoneIndex zone) {
  const NeedIndex plain = find_need(link, head, NeedKind::kStub, zone);
  return plain != kNone<NeedIndex> ? plain : find_need(link, head, NeedKind::kCanonicalStub, zone);
}

NeedIndex canonical_stub(const LinkState& link, NeedIndex head) {
  while (head != kNone<NeedIndex> && link.need(head).kind != NeedKind::kCanonicalStub) head = link.need(head).next;
  return head;
}

NeedIndex add_need(LinkState& link, ObjectIndex object, SymbolIndex symbol, NeedKind kind, Reason reason,
                   const Use& use) {
  Object& o = link.object(object);
  const GlobalIndex global = o.symbols[symbol].global;
  const bool local = global == kNone<GlobalIndex>;
  const Need need = {.kind = kind,
                     .reason = reason,
                     .zone = o.zone,
                     .object = local ? object : kNone<ObjectIndex>,
                     .symbol = local ? raw(symbol) : raw(global)};
  return use_need(link, head_of(link, o, symbol), need, use);
}

NeedIndex add_global_need(LinkState& link, GlobalIndex global, NeedKind kind, Reason reason, ZoneIndex zone,
                          const Use& use) {
  const Need need = {.kind = kind, .reason = reason, .zone = zone, .symbol = raw(global)};
  return use_need(link, link.global(global).needs, need, use);
}

void clear_needs(LinkState& link) {
  if (link.needs.empty()) return;
  link.needs.clear();
  for (Zone& zone : link.zones) zone.slot_count = zone.slot_words = zone.stub_count = zone.bound_stub_count = 0;
  for (Global& global : link.globals) global.needs = kNone<NeedIndex>;
  for (Object& object : link.objects) std::ranges::fill(object.local_needs.span(), kNone<NeedIndex>);
}

void make_face(LinkState& link) {
  for (std::uint32_t i = 0; i < link.globals.size(); ++i) {
    const Global& global = link.globals[i];
    if (!global.faced) continue;
    const NeedIndex index = add_global_need(link, GlobalIndex{i}, NeedKind::kCanonicalStub, Reason::kReplaceable,
                                            ZoneIndex{}, {.object = global.object});
    Need& need = link.need(index);
    need.face = need.used = true;
    const Face::Entry* entry = link.face == nullptr ? nullptr : link.face->find(global.name);
    if (entry == nullptr) continue;
    need.sharing = kFaceSharing;
    need.shared_at = entry->stub;
  }
}

void stub_exported_resolvers(LinkState& link) {
  for (std::uint32_t i = 0; i < link.globals.size(); ++i) {
    const Global& global = link.globals[i];
    if (global.origin != Origin::kSet || global.type != SymbolType::kIndirectFunction) continue;
    if (global.visibility == SymbolVisibility::kHidden || (global.facts & kDead) != 0) continue;
    const NeedIndex stub = add_global_need(link, GlobalIndex{i}, NeedKind::kCanonicalStub, Reason::kAddressTaken,
                                           link.object(global.object).zone, {.object = global.object});
    link.need(stub).used = true;
  }
}

namespace {

NeedIndex head_of(const LinkState& link, const Need& need) {
  if (need.object == kNone<ObjectIndex>) return link.globals[need.symbol].needs;
  return link.object(need.object).local_needs[SymbolIndex{need.symbol}];
}

// A slot outside the symbol's chain: only the stub knows it.
NeedIndex make_target_slot(LinkState& link, const Need& stub) {
  Need slot = stub;
  slot.kind = NeedKind::kSlot;
  slot.reason = Reason::kForStub;
  slot.holds_target = true;
  slot.use_count = 1;
  slot.next = kNone<NeedIndex>;
  link.needs.push_back(slot);
  return index_of<NeedIndex>(link.needs.size() - 1);
}

// The plain slot of a symbol holds its address. That is where its stub has to jump, but for canonical stubs, which are
// the address.
NeedIndex slot_for_stub(LinkState& link, NeedIndex stub) {
  const Need need = link.need(stub);
  const Use use{need.use_object, need.use_section, need.use_relocation, need.use_offset};
  if (need.kind == NeedKind::kBoundStub) return make_target_slot(link, need);
  if (canonical_stub(link, head_of(link, need)) != kNone<NeedIndex>) return make_target_slot(link, need);
  if (need.object == kNone<ObjectIndex>) {
    return add_global_need(link, GlobalIndex{need.symbol}, NeedKind::kSlot, Reason::kForStub, need.zone, use);
  }
  return add_need(link, need.object, SymbolIndex{need.symbol}, NeedKind::kSlot, Reason::kForStub, use);
}

bool is_copied(const LinkState& link, NeedIndex head) {
  for (; head != kNone<NeedIndex>; head = link.need(head).next) {
    if (link.need(head).kind == NeedKind::kCopy) return true;
  }
  return false;
}

// A slot has to hold the address that the set uses for the symbol; an earlier set's does not know this one's stub or
// copy.
void unshare_slots_of_what_is_added(LinkState& link) {
  for (Need& need : link.needs) {
    if (need.sharing == 0 || need.kind != NeedKind::kSlot) continue;
    const NeedIndex head = head_of(link, need);
    if (canonical_stub(link, head) != kNone<NeedIndex> || is_copied(link, head)) need.sharing = 0;
  }
}

}  // namespace

void number_needs(LinkState& link) {
  if (link.needs.empty()) return;
  if (!link.sharing.empty()) unshare_slots_of_what_is_added(link);
  const std::size_t scanned = link.needs.size();
  for (std::uint32_t i = 0; i < scanned; ++i) {
    if (is_stub(link.needs[i].kind) && link.needs[i].sharing == 0) {
      const NeedIndex slot = slot_for_stub(link, NeedIndex{i});
      link.needs[i].slot = slot;
    }
  }
  for (Need& need : link.needs) {
    Zone& zone = link.zones[raw(need.zone)];
    if (need.sharing != 0) continue;
    if (need.face) {
      need.size = need.kind == NeedKind::kSlot ? link.arch->slot_size : link.stubs->size;
    } else if (const std::uint32_t words = slot_words(need.kind); words != 0) {
      ++zone.slot_count;
      need.ordinal = std::exchange(zone.slot_words, zone.slot_words + words);
      need.size = std::uint64_t{words} * link.arch->slot_size;
    } else if (need.kind == NeedKind::kBoundStub) {
      need.ordinal = zone.bound_stub_count++;
      need.size = link.stubs->bound_size;
    } else if (is_stub(need.kind)) {
      need.ordinal = zone.stub_count++;
      need.size = link.stubs->size;
    }
  }
}

CopySource copy_source(const LinkState& link, const Global& global) {
  if (!global.loaded_later) return {.library = 0, .address = global.value};
  const auto symbol = find_in(link.libraries[global.library], global);
  return {.library = global.library + 1, .address = symbol ? symbol->value : 0};
}

void copy_all_names(LinkState& link) {
  struct Copy {
    CopySource source;
    std::uint64_t size = 0;
    Use use;
  };
  std::vector<Copy> copies;
  for (const Need& need : link.needs) {
    if (need.kind != NeedKind::kCopy) continue;
    copies.push_back({copy_source(link, link.globals[need.symbol]), need.size,
                      {need.use_object, need.use_section, need.use_relocation, need.use_offset}});
  }
  for (std::uint32_t i = 0; !copies.empty() && i < link.globals.size(); ++i) {
    const Global& global = link.globals[i];
    const bool host = global.origin == Origin::kProcess || global.origin == Origin::kLibrary;
    if (!host || global.type == SymbolType::kThreadLocal || global.type == SymbolType::kFunction) continue;
    const CopySource source = copy_source(link, global);
    const auto holds = [&](const Copy& copy) {
      return copy.source.library == source.library && source.address - copy.source.address < copy.size;
    };
    const auto copy = std::ranges::find_if(copies, holds);
    if (copy == copies.end() || is_copied(link, global.needs)) continue;
    Need& need = link.need(add_global_need(link, GlobalIndex{i}, NeedKind::kCopy, Reason::kOutOfReach, ZoneIndex{},
                                           copy->use));
    need.size = std::min(global.size, copy->size - (source.address - copy->source.address));
    need.used = true;
  }
}

}  // namespace enfold
