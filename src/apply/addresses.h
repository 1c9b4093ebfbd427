// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_APPLY_ADDRESSES_H_
#define ENFOLD_APPLY_ADDRESSES_H_

#include <cstdint>

#include "link_state.h"

namespace enfold {

// Fills Global::value of what lies in the set, and Object::addresses: S of every symbol, as its object sees it. The
// block is reserved.
void assign_addresses(LinkState& link);

// The first half of it.
void assign_global_addresses(LinkState& link);

// The base that GOT-relative values of the zone count from.
inline TargetAddr got_base(const LinkState& link, ZoneIndex zone) {
  return address_of(link, segment_of(zone, SegmentRole::kRelro), link.zones[raw(zone)].tables.slots_at);
}

// Of a linker-defined symbol, as the zone's objects see it.
std::uint64_t synthetic_address(const LinkState& link, const Global& global, ZoneIndex zone);

// Where the object's symbol itself is, whatever stub or copy stands for it; 0 when not in the image.
std::uint64_t symbol_address(const LinkState& link, const Object& object, const Symbol& symbol);

// The distance of a module's block from the thread pointer; index in ThreadLocals::modules.
std::uint64_t thread_pointer_offset(const LinkState& link, std::uint32_t module);

// Does the symbol stand for the thread pointer itself? _TLS_MODULE_BASE_ does, where code that counts from there was
// rewritten.
bool is_thread_pointer(const LinkState& link, GlobalIndex global);

// The stub or storage that stands for a symbol with these needs, if any.
NeedIndex standing_for(const LinkState& link, NeedIndex head);

// What other images call the symbol's address: its stub or copy where the set made that the address.
inline std::uint64_t effective_address(const LinkState& link, const Global& global) {
  const NeedIndex added = global.needs == kNone<NeedIndex> ? global.needs : standing_for(link, global.needs);
  return added == kNone<NeedIndex> ? global.value : value(address_of(link, link.need(added)));
}

}  // namespace enfold

#endif  // ENFOLD_APPLY_ADDRESSES_H_
