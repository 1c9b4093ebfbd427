// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/keep_state.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <xxhash.h>

#include "apply/addresses.h"
#include "name_tables.h"
#include "runtime/set_record.h"
#include "runtime/thread_storage.h"

namespace enfold {
namespace {

// "NAME" the first time, "NAME 2" the second: what tells apart what has the same name.
class Numbering {
 public:
  std::string operator()(std::string_view name) {
    const std::uint32_t n = ++count_[std::string(name)];
    return n == 1 ? std::string(name) : fmt::format("{} {}", name, n);
  }

 private:
  NameMap<std::string, std::uint32_t> count_;
};

// Sections whose bounds somebody asks for have to be one run: those start anew.
bool holds_state(const Section& section) {
  const bool present = section.role == SectionRole::kData && section.live && !section.discarded;
  return present && section.size != 0 && section.bundle() == kNone<BundleIndex>;
}

bool is_constructor(const Section& section) {
  const bool array = section.role == SectionRole::kInitArray || section.role == SectionRole::kPreinitArray;
  return (array || section.fragment() == Fragment::kInit) && section.live && !section.discarded;
}

bool has_constructors(const Object& object) { return std::ranges::any_of(object.sections, is_constructor); }

// Hashes of what each section of an object holds, whatever the order of the symbol table.
std::vector<std::uint64_t> shapes(const Object& object) {
  std::vector<std::uint64_t> shapes(object.sections.size());
  for (std::uint32_t i = 0; i < object.symbols.size(); ++i) {
    const Symbol& symbol = object.symbols[SymbolIndex{i}];
    if (symbol.place != SymbolPlace::kSection || symbol.type == SymbolType::kSection) continue;
    const std::string_view name = object.symbol_name(symbol);
    const std::uint64_t place[] = {symbol.value, object.size_of(SymbolIndex{i})};
    shapes[raw(symbol.section)] += XXH3_64bits_withSeed(name.data(), name.size(), XXH3_64bits(place, sizeof place));
  }
  return shapes;
}

struct Match {
  Section* section = nullptr;
  std::string_view name{};
  const StateItem* item = nullptr;
};

class Keeper {
 public:
  Keeper(LinkState& link, const std::shared_ptr<SetRecord>& old)
      : link_(link), old_(old), state_(*old->versions->state) {}

  void run() {
    Numbering number;
    for (Object& object : link_.objects) {
      const auto found = state_.objects.find(number(object.name));
      if (found != state_.objects.end()) keep_sections(object, found->second);
    }
    for (Global& global : link_.globals) keep_variable(global);
  }

 private:
  void keep_sections(Object& object, const ObjectState& before) {
    std::vector<Match> matches;
    std::size_t count = 0;
    Numbering number;
    const std::vector<std::uint64_t> shape = shapes(object);
    for (std::uint32_t i = 1; i < object.sections.size(); ++i) {
      Section& section = object.sections[SectionIndex{i}];
      if (!holds_state(section)) continue;
      ++count;
      const std::string_view name = object.section_name(section);
      const auto found = before.sections.find(number(name));
      if (found == before.sections.end()) continue;
      const StateItem& item = found->second;
      if (item.size == section.size && item.shape == shape[i]) matches.push_back({&section, name, &item});
    }
    // Constructors would make anew what is kept; without them, what is new would stay unmade.
    if (before.has_constructors || has_constructors(object)) {
      if (matches.size() != count || count != before.sections.size()) return;
      drop_constructors(object);
    }
    for (const Match& match : matches) keep(match);
  }

  void keep(const Match& match) {
    SectionDetail& detail = detail_of(link_.arena, *match.section);
    detail.kept_at = value(match.item->address);
    detail.kept_by = use(*match.item, match.name);
    match.section->kept = true;
    ++link_.kept_section_count;
  }

  // The old version's constructors have run, and its destructors will when its variables go.
  static void drop_constructors(Object& object) {
    object.constructors_dropped = true;
    for (Section& section : object.sections) {
      section.discarded = section.discarded || is_array(section.role) || section.fragment() != Fragment::kNone;
    }
  }

  // Found where its section is laid out anew: all references by name go to the old one's storage.
  void keep_variable(Global& global) {
    if (!is_loose_variable(global)) return;
    const auto found = state_.variables.find(std::string(global.name));
    if (found == state_.variables.end() || found->second.size != global.size) return;
    global.origin = Origin::kSession;
    global.value = value(found->second.address);
    global.kept_by = use(found->second, global.name);
    ++link_.kept_symbol_count;
  }

  bool is_loose_variable(const Global& global) const {
    if (global.visibility == SymbolVisibility::kHidden || global.size == 0) return false;
    if (global.type == SymbolType::kThreadLocal) return false;
    if (global.origin == Origin::kCommon) return true;
    if (global.origin != Origin::kSet || global.type != SymbolType::kObject) return false;
    const Object& object = link_.object(global.object);
    const Symbol& symbol = object.symbols[global.symbol];
    if (symbol.place != SymbolPlace::kSection) return false;
    const Section& section = object.sections[symbol.section];
    return !section.kept && section.role == SectionRole::kData && !has_constructors(object);
  }

  std::uint32_t use(const StateItem& item, std::string_view name) {
    link_.kept.push_back({item.owner ? item.owner : old_, name});
    return static_cast<std::uint32_t>(link_.kept.size());
  }

  LinkState& link_;
  const std::shared_ptr<SetRecord>& old_;
  const KeptState& state_;
};

// Whose storage it is, where it was kept.
std::shared_ptr<SetRecord> owner_of(const LinkState& link, std::uint32_t kept_by) {
  return kept_by == 0 ? nullptr : link.kept[kept_by - 1].owner;
}

std::uint32_t kept_by(const LinkState& link, const Global& global) {
  if (global.origin != Origin::kSet) return global.kept_by;
  const Object& object = link.object(global.object);
  const Symbol& symbol = object.symbols[global.symbol];
  return symbol.place == SymbolPlace::kSection ? object.sections[symbol.section].kept_by() : 0;
}

void describe_object(const LinkState& link, const Object& object, ObjectState& state) {
  Numbering number;
  const std::vector<std::uint64_t> shape = shapes(object);
  state.has_constructors = object.constructors_dropped || has_constructors(object);
  for (std::uint32_t i = 1; i < object.sections.size(); ++i) {
    const Section& section = object.sections[SectionIndex{i}];
    if (!holds_state(section)) continue;
    const TargetAddr address = section.kept ? TargetAddr{section.kept_at()} : address_of(link, section);
    state.sections.emplace(
        number(object.section_name(section)),
        StateItem{
            .address = address, .size = section.size, .shape = shape[i], .owner = owner_of(link, section.kept_by())});
  }
}

// Has the object thread-locals that only it knows by name?
bool has_own_thread_locals(const Object& object) {
  return std::ranges::any_of(object.symbols, [](const Symbol& symbol) {
    return symbol.type == SymbolType::kThreadLocal && symbol.binding == Binding::kLocal;
  });
}

// In the order of the block, so that the same hash is the same layout. As with other variables, what is local to an
// object is the same in an object of the same name only.
std::uint64_t thread_shape(const LinkState& link) {
  std::uint64_t hash = 0;
  Numbering number;
  for (const Object& object : link.objects) {
    const std::string object_name = number(object.name);
    if (!object.has_thread_locals) continue;
    if (has_own_thread_locals(object)) hash = XXH3_64bits_withSeed(object_name.data(), object_name.size(), hash);
    const std::vector<std::uint64_t> shape = shapes(object);
    for (std::uint32_t i = 1; i < object.sections.size(); ++i) {
      const Section& section = object.sections[SectionIndex{i}];
      if (section.role != SectionRole::kThreadLocal || !section.in_image()) continue;
      const std::uint64_t facts[] = {hash, section.size, section.p2align, section.zero ? 1u : 0u, shape[i]};
      const std::string_view name = object.section_name(section);
      hash = XXH3_64bits_withSeed(name.data(), name.size(), XXH3_64bits(facts, sizeof facts));
    }
  }
  for (const Global& global : link.globals) {
    if (global.origin != Origin::kCommon || global.type != SymbolType::kThreadLocal) continue;
    const std::uint64_t facts[] = {hash, global.size, global.common_p2align};
    hash = XXH3_64bits_withSeed(global.name.data(), global.name.size(), XXH3_64bits(facts, sizeof facts));
  }
  return hash;
}

}  // namespace

void keep_thread_storage(LinkState& link, const std::shared_ptr<SetRecord>& old) {
  const KeptState& state = *old->versions->state;
  if (!old->threads() || thread_shape(link) != state.thread_shape) return;
  link.threads.kept = old->threads();
  link.threads.kept_is_static = link.threads.kept->module.is_static;
  link.threads.owner = state.thread_owner ? state.thread_owner : old;
}

void keep_state(LinkState& link, const std::shared_ptr<SetRecord>& old) {
  Keeper(link, old).run();
}

std::unique_ptr<KeptState> describe_state(const LinkState& link) {
  auto state = std::make_unique<KeptState>();
  state->thread_shape = thread_shape(link);
  if (link.threads.kept) state->thread_owner = link.threads.owner;
  Numbering number;
  for (const Object& object : link.objects) describe_object(link, object, state->objects[number(object.name)]);
  for (const Global& global : link.globals) {
    const bool own = global.origin == Origin::kSet || global.origin == Origin::kCommon;
    if (!(own || global.kept_by != 0) || global.size == 0 || global.type == SymbolType::kFunction) continue;
    if (global.type == SymbolType::kThreadLocal) continue;
    if (global.visibility == SymbolVisibility::kHidden) continue;
    state->variables.emplace(std::string(global.name), StateItem{.address = TargetAddr{effective_address(link, global)},
                                                                 .size = global.size,
                                                                 .owner = owner_of(link, kept_by(link, global))});
  }
  return state;
}

}  // namespace enfold
