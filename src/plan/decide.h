// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How a fixup reaches its symbol. Scan asks in order to count, apply asks again in order to act: the answer depends on
// what was fixed before scan only, so both get the same one, and the count is exact by construction.
#ifndef ENFOLD_PLAN_DECIDE_H_
#define ENFOLD_PLAN_DECIDE_H_

#include <cstdint>

#include "arch/arch.h"
#include "fixup.h"
#include "link_state.h"

namespace enfold {

enum class Way : std::uint8_t {
  kDirect,   // the field holds the symbol's address, or a distance to it
  kRelaxed,  // the same, after the instruction was rewritten
  kSlot,     // the field refers to the symbol's slot
  kStub,     // the field refers to the symbol's stub
};

struct Decision {
  Way way = Way::kDirect;
  NeedKind slot = NeedKind::kSlot;      // when kSlot: of which kind
  Reason reason = Reason::kOutOfReach;  // when kSlot or kStub
  Relaxation relaxation{};              // when kRelaxed
  bool own = false;  // when kDirect or kRelaxed: of the set's own definition, though the symbol's address is a stub's
};

// `section` holds the field of its relocation `index`; `fixup` was checked against its size and the symbol table.
Decision decide(const LinkState& link, const Object& object, const Section& section, std::uint32_t index,
                const Fixup& fixup);

// Can a field of this kind hold the symbol's address, or the distance to it, wherever in the window the field lies?
bool reaches(const LinkState& link, const Object& object, const FixupDesc& desc, const Fixup& fixup);

// The same of the stub that others know the symbol by, where an earlier version of the set has it; true where none has.
bool reaches_face(const LinkState& link, const Object& object, const FixupDesc& desc, const Fixup& fixup);

// The address of a symbol that has the fact kAddressKnown or kNull.
std::uint64_t known_address(const LinkState& link, const Object& object, SymbolIndex symbol);

}  // namespace enfold

#endif  // ENFOLD_PLAN_DECIDE_H_
