// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "plan/symbols.h"

#include <algorithm>
#include <bit>
#include <utility>

#include <fmt/format.h>

namespace enfold {
namespace {

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

constexpr std::string_view kVersionMark = "@@";

// "name@@VERSION" means "name"; "name@VERSION" stands for itself.
std::string_view plain_name(std::string_view name) { return name.substr(0, name.find(kVersionMark)); }

NameKey key_of(const Object& object, SymbolIndex global) { return std::bit_cast<NameKey>(object.addresses[global]); }

// Names may share their ends, as assemblers have them share: ".rela.text" ends with ".text". If all are ends of one
// name, they are as long together as the square of their table, and so is what a set keeps of them.
constexpr std::uint64_t kMostSharing = 16, kFewBytes = 1 << 16;

[[gnu::cold, gnu::noinline]] std::unexpected<Error> overlapping(const Object& object) {
  return std::unexpected(Error(ErrorCode::kMalformed, "names of symbols overlap in many places",
                               Place{.object = std::string(object.name)}));
}

}  // namespace

Expected<void> note_names(Object& object, Arena& arena) {
  std::uint64_t left = kFewBytes + kMostSharing * object.strings.size();
  const std::size_t first_global = raw(object.first_global);
  const std::span<std::uint64_t> words = arena.make_for_overwrite<std::uint64_t>(object.symbols.size());
  object.addresses = Table<SymbolIndex, std::uint64_t>(words);
  std::uint64_t* next = words.data() + first_global;
  const bool versions = object.has_versions = object.strings.find('@') != std::string_view::npos;  // few objects have
  for (const Symbol& symbol : object.symbols.span().subspan(first_global)) {
    const std::string_view mentioned = object.symbol_name(symbol);
    const std::string_view name = versions ? plain_name(mentioned) : mentioned;
    *next++ = std::bit_cast<std::uint64_t>(NameKey{hash_of(name), static_cast<std::uint32_t>(name.size())});
    if (name.size() > left) return overlapping(object);
    left -= name.size();
  }
  return {};
}

// Names are mentioned twice and more, as a rule: by who defines them and by who refers to them.
void SymbolTable::reserve(std::size_t mention_count) {
  link_.globals.reserve(link_.globals.size() + mention_count);
  const std::size_t slot_count = std::bit_ceil(std::max(kFewestSlots, mention_count));
  if (slot_count > slots_.size()) resize(slot_count);
}

void SymbolTable::resize(std::size_t slot_count) {
  Slots old(slot_count, &link_.scratch);
  old.swap(slots_);
  const std::size_t mask = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.index == kEmpty) continue;
    std::size_t i = slot.hash & mask;
    while (slots_[i].index != kEmpty) i = (i + 1) & mask;
    slots_[i] = slot;
  }
}

GlobalIndex SymbolTable::intern(std::string_view name, std::uint32_t hash) {
  if ((link_.globals.size() + 1) * 2 > slots_.size()) resize(std::max(kFewestSlots, slots_.size() * 2));
  const std::size_t mask = slots_.size() - 1;
  std::size_t i = hash & mask;
  for (; slots_[i].index != kEmpty; i = (i + 1) & mask) {
    if (slots_[i].hash == hash && link_.globals[slots_[i].index].name == name) return GlobalIndex{slots_[i].index};
  }
  const auto index = static_cast<std::uint32_t>(link_.globals.size());
  Global& global = link_.globals.emplace_back();
  global.name = name;
  global.hash = hash;
  slots_[i] = {hash, index};
  return GlobalIndex{index};
}

GlobalIndex SymbolTable::intern(std::string_view name) { return intern(name, hash_of(name)); }

GlobalIndex SymbolTable::find(std::string_view name) const {
  if (slots_.empty()) return kNone<GlobalIndex>;
  const std::uint32_t hash = hash_of(name);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t i = hash & mask; slots_[i].index != kEmpty; i = (i + 1) & mask) {
    if (slots_[i].hash == hash && link_.globals[slots_[i].index].name == name) return GlobalIndex{slots_[i].index};
  }
  return kNone<GlobalIndex>;
}

void SymbolTable::want(std::string_view name) {
  const GlobalIndex id = intern(name);
  Global& global = link_.global(id);
  global.versioned = name.find('@') != std::string_view::npos;
  global.referenced = global.wanted = global.root = true;
  note_wanted(id);
}

// In a large link a name's slot, the global and its name are three cache misses, each of which tells where the next one
// is.
template <class HashAt>
void SymbolTable::look_ahead(std::size_t at, std::size_t count, HashAt hash_at) const {
  constexpr std::size_t kSlot = 24, kGlobal = 16, kName = 8;
  if (slots_.empty() || at + kSlot >= count) return;
  const std::size_t mask = slots_.size() - 1;
  const auto slot = [&](std::size_t ahead) -> const Slot& { return slots_[hash_at(at + ahead) & mask]; };
  __builtin_prefetch(&slot(kSlot));
  if (const std::uint32_t index = slot(kGlobal).index; index != kEmpty) __builtin_prefetch(&link_.globals[index], 1);
  if (const std::uint32_t index = slot(kName).index; index != kEmpty) {
    __builtin_prefetch(link_.globals[index].name.data());
  }
}

void SymbolTable::add_object(ObjectIndex index) {
  Object& object = link_.object(index);
  const std::size_t first_global = raw(object.first_global), count = object.symbols.size();
  // At least doubled, so that many small objects are not many copies.
  const std::size_t most = link_.globals.size() + object.groups.size() + count - first_global;
  if (most > link_.globals.capacity()) link_.globals.reserve(std::max(most, 2 * link_.globals.capacity()));
  if (2 * most > slots_.size()) resize(std::bit_ceil(std::max(kFewestSlots, 2 * most)));
  add_groups(object);
  if (object.has_discards && object.has_link_orders) discard_followers(object);
  if (object.has_versions) return add_versioned(index, object);
  for (std::size_t i = first_global; i < count; ++i) {
    look_ahead(i, count, [&](std::size_t k) { return key_of(object, index_of<SymbolIndex>(k)).hash; });
    add_symbol(index, object, index_of<SymbolIndex>(i));
  }
}

// The same where some names have versions: "name@@VERSION" is a definition of "name" and of "name@VERSION", each of
// which may be another's already. A reference to it is one to "name@VERSION".
void SymbolTable::add_versioned(ObjectIndex index, Object& object) {
  for (std::size_t n = raw(object.first_global); n < object.symbols.size(); ++n) {
    const auto i = index_of<SymbolIndex>(n);
    const Symbol& symbol = object.symbols[i];
    const std::string_view name = object.symbol_name(symbol);
    const std::size_t mark = name.find('@');
    const bool is_default = mark != std::string_view::npos && name.substr(mark).starts_with(kVersionMark);
    if (is_default && symbol.place == SymbolPlace::kUndefined) {
      add_mention(index, object, i, intern_version(name, mark));
      continue;
    }
    add_symbol(index, object, i);
    if (mark == std::string_view::npos) continue;
    if (!is_default) {
      link_.global(symbol.global).versioned = mark + 1 != name.size();
    } else if (symbol.place != SymbolPlace::kSection || !object.sections[symbol.section].discarded) {
      Global& global = link_.global(intern_version(name, mark));
      global.visibility = std::max(global.visibility, symbol.visibility);
      define(global, index, symbol, i);
    }
  }
}

// "name@VERSION" of "name@@VERSION".
GlobalIndex SymbolTable::intern_version(std::string_view name, std::size_t mark) {
  const GlobalIndex id = intern(link_.arena.copy(std::string(name).erase(mark, 1)));
  link_.global(id).versioned = true;
  return id;
}

void SymbolTable::add_groups(Object& object) {
  const auto hash_at = [&](std::size_t i) -> std::uint32_t {
    const SymbolIndex signature = object.groups[i].signature;
    return object.is_local(signature) ? 0 : key_of(object, signature).hash;
  };
  for (std::size_t i = 0; i < object.groups.size(); ++i) {
    const Group& group = object.groups[i];
    look_ahead(i, object.groups.size(), hash_at);
    if (group.kind == GroupKind::kComdat) {
      add_group(object, group);
    } else if (group.kind == GroupKind::kLinkOnce) {
      add_link_once(object, group);
    }
  }
}

void SymbolTable::add_group(Object& object, const Group& group) {
  Global& global = link_.global(intern_signature(object, group));
  if (global.grouped || (link_once_ && !link_once_->keeps_group(object, group))) discard(object, group);
  global.grouped = true;
}

void SymbolTable::add_link_once(Object& object, const Group& group) {
  if (!link_once_) link_once_ = std::make_unique<LinkOnce>(link_);
  if (!link_once_->keeps_section(object, group)) discard(object, group);
}

// A group is known by its signature whether that is a symbol that others see or not: such a global has no definition
// and no references.
GlobalIndex SymbolTable::intern_signature(const Object& object, const Group& group) {
  const std::string_view name = object.signature(group);
  if (!object.is_local(group.signature)) {
    const NameKey key = key_of(object, group.signature);
    const bool same = name.data() == object.symbol_name(object.symbols[group.signature]).data();
    if (same && key.size == name.size()) return intern(name, key.hash);
  }
  return intern(name);
}

void SymbolTable::add_symbol(ObjectIndex index, Object& object, SymbolIndex i) {
  const NameKey key = key_of(object, i);
  add_mention(index, object, i, intern({object.strings.data() + object.symbols[i].name, key.size}, key.hash));
}

inline void SymbolTable::add_mention(ObjectIndex index, Object& object, SymbolIndex i, GlobalIndex id) {
  Symbol& symbol = object.symbols[i];
  symbol.global = id;
  Global& global = link_.global(id);
  global.visibility = std::max(global.visibility, symbol.visibility);
  // What a discarded group defines, the object has to get elsewhere: from the kept group, as a rule.
  const bool discarded = symbol.place == SymbolPlace::kSection && object.sections[symbol.section].discarded;
  if (symbol.place != SymbolPlace::kUndefined && !discarded) return define(global, index, symbol, i);
  global.referenced = true;
  if (symbol.binding == Binding::kWeak && !discarded) return;
  // What libraries served may have to lie in the set from now on.
  if (global.wanted && symbol.visibility != SymbolVisibility::kHidden) return;
  global.wanted = true;
  if (global.origin == Origin::kUndefined) note_wanted(id);
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
    if (!unique && !same && !is_reported_elsewhere(global, object, symbol)) report_duplicate(global, object);
    return;
  }
  if (offered <= held) return;
  global.origin = common ? Origin::kCommon : Origin::kSet;
  global.object = object;
  global.symbol = i;
  global.binding = symbol.binding;
  global.type = symbol.type;
  if (common) {
    global.size = symbol.value;
    global.large_common = symbol.place == SymbolPlace::kLargeCommon;
    global.common_p2align = static_cast<std::uint8_t>(symbol.common_p2align);
    note_wanted(symbol.global);  // an archive may have a real definition
  } else {
    global.size = link_.object(object).size_of(i);
  }
}

// Two names of one place, as assemblers leave them: "name" beside "name@@VERSION". Or two that clash for "name" clashed
// for "name@VERSION", too.
bool SymbolTable::is_reported_elsewhere(const Global& global, ObjectIndex object, const Symbol& symbol) const {
  const Object& before = link_.object(global.object);
  const Symbol& first = before.symbols[global.symbol];
  if (global.object == object && before.has_versions) {
    return first.place == symbol.place && first.section == symbol.section && first.value == symbol.value;
  }
  const auto is_default = [](std::string_view name) { return name.find(kVersionMark) != std::string_view::npos; };
  return global.versioned && is_default(before.symbol_name(first)) &&
         is_default(link_.object(object).symbol_name(symbol));
}

// gABI: a common symbol has the largest size and the strictest alignment of all its mentions.
void SymbolTable::merge_common(Global& global, ObjectIndex object, const Symbol& symbol, SymbolIndex i) {
  global.common_p2align = std::max(global.common_p2align, static_cast<std::uint8_t>(symbol.common_p2align));
  if (symbol.value <= global.size) return;
  global.size = symbol.value;
  global.object = object;
  global.symbol = i;
}

void SymbolTable::report_duplicate(const Global& global, ObjectIndex second) {
  errors_.push_back(Error(ErrorCode::kDuplicateSymbol,
                          fmt::format("defined in {} and again in {}", link_.object(global.object).name,
                                      link_.object(second).name),
                          Place{.object = std::string(link_.object(second).name), .symbol = std::string(global.name)})
                        .with_cure("make one of them static or weak, or leave one out"));
}

std::vector<GlobalIndex> SymbolTable::open_names() const {
  std::vector<GlobalIndex> all;
  for (std::uint32_t i = 0; i < link_.globals.size(); ++i) {
    if (is_open(link_.globals[i])) all.push_back(GlobalIndex{i});
  }
  return all;
}

}  // namespace enfold
