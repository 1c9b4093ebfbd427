// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "plan/link_once.h"

#include <algorithm>
#include <tuple>

namespace enfold {
namespace {

constexpr std::string_view kCode = ".gnu.linkonce.t.", kConstants = ".gnu.linkonce.r.";

// Symbols of sections say nothing, as groups have them and link-once sections need not.
bool counts(const Symbol& symbol) {
  return symbol.place == SymbolPlace::kSection && symbol.type != SymbolType::kSection;
}

bool is_alone(const Object& object, SectionIndex member) {
  return raw(member) != 0 && object.sections[member].next_in_group == member;
}

// Whether a section goes, as far as it was found out.
enum class Fate : std::uint8_t { kUnknown, kAsked, kStays, kGoes };

Fate own_fate(const Section& section) {
  if (section.discarded) return Fate::kGoes;
  return raw(section.link_order()) == 0 ? Fate::kStays : Fate::kUnknown;
}

}  // namespace

void discard(Object& object, const Group& group) {
  object.has_discards = true;
  SectionIndex member = group.first;
  if (raw(member) == 0) return;
  do {
    Section& section = object.sections[member];
    section.discarded = true;
    member = section.next_in_group;
  } while (member != group.first);
}

// Each section is asked once. Sections that are linked to each other in a ring stay.
void discard_followers(Object& object) {
  std::vector<Fate> fates(object.sections.size(), Fate::kUnknown);
  std::vector<SectionIndex> asked;
  const auto fate_of = [&](SectionIndex section) {
    const Fate known = fates[raw(section)];
    return known == Fate::kUnknown ? own_fate(object.sections[section]) : known;
  };
  for (std::uint32_t i = 1; i < object.sections.size(); ++i) {
    SectionIndex at{i};
    for (; fate_of(at) == Fate::kUnknown; at = object.sections[at].link_order()) {
      fates[raw(at)] = Fate::kAsked;
      asked.push_back(at);
    }
    const Fate fate = fate_of(at) == Fate::kAsked ? Fate::kStays : fate_of(at);
    for (const SectionIndex section : asked) {
      fates[raw(section)] = fate;
      if (fate == Fate::kGoes) object.sections[section].discarded = true;
    }
    asked.clear();
  }
}

LinkOnce::LinkOnce(LinkState& link) : link_(link) {
  for (const Object& object : link.objects) {
    for (const Group& group : object.groups) {
      if (group.kind == GroupKind::kComdat) note_group(object, group);
    }
  }
}

LinkOnce::~LinkOnce() = default;

void LinkOnce::note_group(const Object& object, const Group& group) {
  if (!is_alone(object, group.first) || object.sections[group.first].discarded) return;
  known_[object.signature(group)].group = Member{object.index, group.first};
}

bool LinkOnce::keeps_section(const Object& object, const Group& once) {
  const std::string_view name = object.signature(once);
  if (!names_.insert(name).second) return false;
  Known& known = known_[object.section_names.data() + raw(once.once_name)];
  const Member section{object.index, once.first};
  bool kept = !known.group || !same_symbols(*known.group, section);
  // g++ 3.4 wrote a function's constants apart from its code: without that, nobody refers to them.
  if (name.starts_with(kConstants) && known.code != kNone<ObjectIndex> && known.code != object.index) kept = false;
  if (name.starts_with(kCode)) known.code = object.index;
  known.sections.push_back(section);
  return kept;
}

bool LinkOnce::keeps_group(const Object& object, const Group& group) {
  if (!is_alone(object, group.first)) return true;
  Known& known = known_[object.signature(group)];
  const Member member{object.index, group.first};
  known.group = member;
  return std::ranges::none_of(known.sections, [&](Member section) { return same_symbols(section, member); });
}

bool LinkOnce::same_symbols(Member a, Member b) {
  if (link_.section(a.object, a.section).zero != link_.section(b.object, b.section).zero) return false;
  const std::span<const SymbolIndex> ours = symbols_in(a), theirs = symbols_in(b);
  if (ours.empty() || ours.size() != theirs.size()) return false;
  const auto facts = [&](Member member, std::span<const SymbolIndex> indices) {
    const Object& object = link_.object(member.object);
    std::vector<std::tuple<std::string_view, Binding, SymbolType, SymbolVisibility>> all;
    for (const SymbolIndex i : indices) {
      const Symbol& s = object.symbols[i];
      all.emplace_back(object.symbol_name(s), s.binding, s.type, s.visibility);
    }
    std::ranges::sort(all);
    return all;
  };
  return facts(a, ours) == facts(b, theirs);
}

std::span<const SymbolIndex> LinkOnce::symbols_in(Member member) {
  const Object& object = link_.object(member.object);
  const auto section_of = [&](SymbolIndex i) { return raw(object.symbols[i].section); };
  const auto [found, fresh] = symbols_.try_emplace(raw(member.object));
  std::vector<SymbolIndex>& all = found->second;
  if (fresh) {
    for (std::uint32_t i = 0; i < object.symbols.size(); ++i) {
      if (counts(object.symbols[SymbolIndex{i}])) all.push_back(SymbolIndex{i});
    }
    std::ranges::stable_sort(all, {}, section_of);
  }
  return std::ranges::equal_range(all, raw(member.section), {}, section_of);
}

}  // namespace enfold
