// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "plan/symbols.h"

#include <algorithm>
#include <bit>
#include <utility>

#include <fmt/format.h>
#include <xxhash.h>

namespace enfold {
namespace {

// Globals and group signatures share one hash table; a signature's index carries this bit.
constexpr std::uint32_t kGroupBit = 0x8000'0000;

std::uint64_t hash_of(std::string_view name) { return XXH3_64bits(name.data(), name.size()); }

// How strongly a definition holds its name.
int rank(const Global& global) {
  switch (global.origin) {
    case Origin::kSet: return global.binding == Binding::kWeak ? 1 : 3;
    case Origin::kCommon: return 2;
    default: return 0;
  }
}

int rank(const Symbol& symbol) {
  if (symbol.place == SymbolPlace::kCommon || symbol.place == SymbolPlace::kLargeCommon) return 2;
  return symbol.binding == Binding::kWeak ? 1 : 3;
}

// "name@@VERSION" defines and means "name"; other versioned names stand for themselves.
std::string_view plain_name(std::string_view name) {
  const std::size_t at = name.find("@@");
  return at == std::string_view::npos ? name : name.substr(0, at);
}

// A common symbol's value is its alignment.
std::uint8_t common_p2align(const Symbol& symbol) {
  return symbol.value > 1 ? static_cast<std::uint8_t>(std::countr_zero(symbol.value)) : std::uint8_t{0};
}

}  // namespace

std::uint32_t& SymbolTable::slot_for(std::string_view name, std::uint64_t hash, bool group) {
  if ((used_ + 1) * 2 > slots_.size()) grow();
  const auto tag = static_cast<std::uint32_t>(hash >> 32);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t i = hash & mask;; i = (i + 1) & mask) {
    Slot& slot = slots_[i];
    if (slot.index == kEmpty) {
      slot.tag = tag;
      return slot.index;
    }
    if (slot.tag != tag || ((slot.index & kGroupBit) != 0) != group) continue;
    const std::uint32_t index = slot.index & ~kGroupBit;
    if (name == (group ? groups_[index] : link_.globals[index].name)) return slot.index;
  }
}

void SymbolTable::grow() {
  std::pmr::vector<Slot> old(std::max<std::size_t>(64, slots_.size() * 4), &link_.scratch);
  old.swap(slots_);
  const std::size_t mask = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.index == kEmpty) continue;
    const std::uint32_t index = slot.index & ~kGroupBit;
    const std::uint64_t hash = (slot.index & kGroupBit) != 0 ? group_hashes_[index] : link_.globals[index].hash;
    std::size_t i = hash & mask;
    while (slots_[i].index != kEmpty) i = (i + 1) & mask;
    slots_[i] = slot;
  }
}

GlobalIndex SymbolTable::intern(std::string_view name) {
  const std::uint64_t hash = hash_of(name);
  std::uint32_t& index = slot_for(name, hash, false);
  if (index == kEmpty) {
    index = static_cast<std::uint32_t>(link_.globals.size());
    link_.globals.push_back({.name = name, .hash = hash});
    ++used_;
  }
  return GlobalIndex{index};
}

GlobalIndex SymbolTable::find(std::string_view name) const {
  if (slots_.empty()) return kNone<GlobalIndex>;
  const std::uint64_t hash = hash_of(name);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t i = hash & mask; slots_[i].index != kEmpty; i = (i + 1) & mask) {
    const std::uint32_t index = slots_[i].index;
    if ((index & kGroupBit) == 0 && link_.globals[index].name == name) return GlobalIndex{index};
  }
  return kNone<GlobalIndex>;
}

void SymbolTable::want(std::string_view name) {
  const GlobalIndex id = intern(name);
  Global& global = link_.global(id);
  global.referenced = global.wanted = true;
  wanted_.push_back(id);
}

void SymbolTable::add_object(ObjectIndex index) {
  Object& object = link_.object(index);
  add_groups(object);
  // At least doubled, so that many small objects are not many copies.
  const std::size_t most = link_.globals.size() + object.symbols.size() - raw(object.first_global);
  if (most > link_.globals.capacity()) link_.globals.reserve(std::max(most, 2 * link_.globals.capacity()));
  for (std::uint32_t i = raw(object.first_global); i < object.symbols.size(); ++i) {
    add_symbol(index, object, SymbolIndex{i});
  }
}

void SymbolTable::add_groups(Object& object) {
  for (const Group& group : object.groups) {
    if (!group.comdat) continue;
    const std::uint64_t hash = hash_of(group.signature);
    std::uint32_t& index = slot_for(group.signature, hash, true);
    if (index != kEmpty) {
      discard(object, group);
      continue;
    }
    index = static_cast<std::uint32_t>(groups_.size()) | kGroupBit;
    groups_.push_back(group.signature);
    group_hashes_.push_back(hash);
    ++used_;
  }
}

void SymbolTable::discard(Object& object, const Group& group) {
  object.has_discards = true;
  for (const SectionIndex member : group.members) object.sections[member].discarded = true;
}

void SymbolTable::add_symbol(ObjectIndex index, Object& object, SymbolIndex i) {
  Symbol& symbol = object.symbols[i];
  const GlobalIndex id = intern(plain_name(object.symbol_name(symbol)));
  symbol.global = id;
  Global& global = link_.global(id);
  global.visibility = std::max(global.visibility, symbol.visibility);
  // What a discarded group defines, the object has to get elsewhere: from the kept group, as a rule.
  const bool discarded = symbol.place == SymbolPlace::kSection && object.sections[symbol.section].discarded;
  if (symbol.place != SymbolPlace::kUndefined && !discarded) return define(global, index, symbol, i);
  global.referenced = true;
  if ((symbol.binding == Binding::kWeak && !discarded) || global.wanted) return;
  global.wanted = true;
  if (global.origin == Origin::kUndefined) wanted_.push_back(id);
}

void SymbolTable::define(Global& global, ObjectIndex object, const Symbol& symbol, SymbolIndex i) {
  const bool common = symbol.place == SymbolPlace::kCommon || symbol.place == SymbolPlace::kLargeCommon;
  if (common && global.origin == Origin::kCommon) return merge_common(global, object, symbol, i);
  const int held = rank(global), offered = rank(symbol);
  if (held == 3 && offered == 3) {
    const bool unique = global.binding == Binding::kUnique && symbol.binding == Binding::kUnique;
    const Symbol& first = link_.object(global.object).symbols[global.symbol];
    const bool same = first.place == SymbolPlace::kAbsolute && symbol.place == SymbolPlace::kAbsolute &&
                      first.value == symbol.value;
    if (!unique && !same) report_duplicate(global, object);
    return;
  }
  if (offered <= held) return;
  global.origin = common ? Origin::kCommon : Origin::kSet;
  global.object = object;
  global.symbol = i;
  global.binding = symbol.binding;
  global.type = symbol.type;
  global.size = symbol.size;
  if (common) {
    global.large_common = symbol.place == SymbolPlace::kLargeCommon;
    global.common_p2align = common_p2align(symbol);
    wanted_.push_back(symbol.global);  // an archive may have a real definition
  }
}

// gABI: a common symbol has the largest size and the strictest alignment of all its mentions.
void SymbolTable::merge_common(Global& global, ObjectIndex object, const Symbol& symbol, SymbolIndex i) {
  global.common_p2align = std::max(global.common_p2align, common_p2align(symbol));
  if (symbol.size <= global.size) return;
  global.size = symbol.size;
  global.object = object;
  global.symbol = i;
}

void SymbolTable::report_duplicate(const Global& global, ObjectIndex second) {
  errors_.push_back(Error(ErrorCode::kDuplicateSymbol,
                          fmt::format("defined in {} and again in {}", link_.object(global.object).name,
                                      link_.object(second).name),
                          Place{.object = link_.object(second).name, .symbol = std::string(global.name)})
                        .with_cure("make one of them static or weak, or leave one out"));
}

std::vector<GlobalIndex> SymbolTable::open_names() const {
  std::vector<GlobalIndex> all;
  for (std::uint32_t i = 0; i < link_.globals.size(); ++i) {
    const Global& global = link_.globals[i];
    const bool open = global.origin == Origin::kUndefined && global.wanted;
    if (open || global.origin == Origin::kCommon) all.push_back(GlobalIndex{i});
  }
  return all;
}

}  // namespace enfold
