// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Slots, stubs and storage that a link adds, keyed by symbol identity, zone and kind. A local symbol's identity is its
// object and index: names play no part.
#ifndef ENFOLD_PLAN_NEEDS_H_
#define ENFOLD_PLAN_NEEDS_H_

#include <compare>
#include <cstdint>

#include "link_state.h"

namespace enfold {

// Where a need's first use stands.
struct Use {
  ObjectIndex object{};
  SectionIndex section{};
  std::uint32_t relocation = 0;
  std::uint64_t offset = 0;
};

// Head of the chain of a symbol's needs; none where it has none.
inline NeedIndex first_need(const LinkState& link, const Object& object, SymbolIndex symbol) {
  const GlobalIndex global = object.symbols[symbol].global;
  if (global != kNone<GlobalIndex>) return link.global(global).needs;
  return object.local_needs.empty() ? kNone<NeedIndex> : object.local_needs[symbol];
}

// The need of that kind in that zone, or none.
NeedIndex find_need(const LinkState& link, NeedIndex head, NeedKind kind, ZoneIndex zone);

// The stub that is the symbol's address for the whole set, in whatever zone, or none.
NeedIndex canonical_stub(const LinkState& link, NeedIndex head);

// The same, made if there is none; counts the use. A plain stub and a canonical one in the same zone are one.
NeedIndex add_need(LinkState& link, ObjectIndex object, SymbolIndex symbol, NeedKind kind, Reason reason,
                   const Use& use);
NeedIndex add_global_need(LinkState& link, GlobalIndex global, NeedKind kind, Reason reason, ZoneIndex zone,
                          const Use& use);

constexpr bool is_stub(NeedKind kind) {
  return kind == NeedKind::kStub || kind == NeedKind::kCanonicalStub || kind == NeedKind::kBoundStub;
}

// Words that a need takes among the slots; 0 for what is no slot.
constexpr std::uint32_t slot_words(NeedKind kind) {
  switch (kind) {
    case NeedKind::kSlot:
    case NeedKind::kThreadOffset: return 1;
    case NeedKind::kThreadIndex:
    case NeedKind::kThreadModule:
    case NeedKind::kThreadDescriptor: return 2;
    default: return 0;
  }
}

// The symbol's stub in that zone, canonical or not, or none.
NeedIndex find_stub(const LinkState& link, NeedIndex head, ZoneIndex zone);

// Drops all needs: scan starts again.
void clear_needs(LinkState& link);

// Stubs for the functions that others know a replaceable set by: those that the version before has, and new ones.
void make_face(LinkState& link);

// The same for indirect functions that a shared object exports: libraries bind to it before a resolver can run.
void stub_exported_resolvers(LinkState& link);

// Where an object of the host that is copied lies: in a library that is not loaded yet, or in the process.
struct CopySource {
  std::uint32_t library = 0;  // index + 1 in LinkState::libraries; 0: `address` is that of the process
  std::uint64_t address = 0;
  friend auto operator<=>(const CopySource&, const CopySource&) = default;
};
CopySource copy_source(const LinkState& link, const Global& global);

// A copy that is made under one name is made for all names of the object.
void copy_all_names(LinkState& link);

// Gives every stub the slot that it jumps through, and numbers slots and stubs zone by zone in the order of their first
// use. Counts are exact and final from here on.
void number_needs(LinkState& link);

}  // namespace enfold

#endif  // ENFOLD_PLAN_NEEDS_H_
