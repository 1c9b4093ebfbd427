// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What is dropped because another object has it: groups, what belongs to them, and sections .gnu.linkonce.KIND.NAME.
// Of the latter the first of each whole name is kept. One of them and a COMDAT group of one section and the signature
// NAME stand for each other if they define the same symbols, as a compiler that writes the one meets one that writes
// the other; then the first of both is kept. So does GNU ld.
#ifndef ENFOLD_PLAN_LINK_ONCE_H_
#define ENFOLD_PLAN_LINK_ONCE_H_

#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "link_state.h"
#include "name_tables.h"

namespace enfold {

// Drops the members of a group.
void discard(Object& object, const Group& group);

// Drops what is linked to a dropped section (SHF_LINK_ORDER), directly or by way of others.
void discard_followers(Object& object);

// Made when the first such section is met: knows the groups of the objects so far, and is told of later ones.
class LinkOnce {
 public:
  explicit LinkOnce(LinkState& link);
  ~LinkOnce();
  LinkOnce(const LinkOnce&) = delete;
  LinkOnce& operator=(const LinkOnce&) = delete;

  // Is the section kept? `once` is of the kind kLinkOnce, in the last object.
  bool keeps_section(const Object& object, const Group& once);

  // Is the COMDAT group kept, which is the first of its signature?
  bool keeps_group(const Object& object, const Group& group);

 private:
  struct Member {
    ObjectIndex object{};
    SectionIndex section{};
  };
  // All that is known by one NAME.
  struct Known {
    std::vector<Member> sections;  // .gnu.linkonce.KIND.NAME
    std::optional<Member> group;   // the one member of a group
    ObjectIndex code = kNone<ObjectIndex>;  // that has .gnu.linkonce.t.NAME
  };

  void note_group(const Object& object, const Group& group);
  bool same_symbols(Member a, Member b);
  std::span<const SymbolIndex> symbols_in(Member member);

  LinkState& link_;
  NameMap<std::string_view, Known> known_;
  NameSet<std::string_view> names_;  // whole ones
  std::unordered_map<std::uint32_t, std::vector<SymbolIndex>> symbols_;  // of an object, by section
};

}  // namespace enfold

#endif  // ENFOLD_PLAN_LINK_ONCE_H_
