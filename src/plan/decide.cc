// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "plan/decide.h"

#include <optional>
#include <span>

#include "plan/thread_models.h"

namespace enfold {
namespace {

std::span<const std::byte> bytes_of(const Section& section) { return {section.bytes, section.size}; }

Reason reason_for(const LinkState& link, const Object& object, std::uint16_t facts) {
  if ((facts & kIndirect) != 0) return Reason::kIndirectFunction;
  if ((facts & kNull) != 0) return Reason::kUndefinedWeak;
  const bool in_set = (facts & (kAddressKnown | kUnresolved)) == 0;
  return in_set && link.zones.size() > 1 && raw(object.zone) < link.zones.size() ? Reason::kOtherZone
                                                                                 : Reason::kOutOfReach;
}

// A function that others know by a stub, because its set may be replaced.
bool is_faced(const LinkState& link, const Object& object, const Fixup& fixup) {
  if (!is_replaceable(link)) return false;
  const GlobalIndex id = object.symbols[fixup.symbol].global;
  return id != kNone<GlobalIndex> && link.global(id).faced && link.global(id).type != SymbolType::kIndirectFunction;
}

// Calls within a version stay there, where others are to call what is newest.
bool stays_within(const LinkState& link, const Object& object, const Fixup& fixup) {
  return link.options->replaceable == Replaceable::kByOthers && is_faced(link, object, fixup);
}

// Data of a set that may be replaced.
bool is_switchable(const LinkState& link, const Object& object, const Fixup& fixup) {
  const GlobalIndex id = object.symbols[fixup.symbol].global;
  return id != kNone<GlobalIndex> && link.global(id).switchable;
}

Decision through_slot(const LinkState& link, const Object& object, const Section& section, const FixupDesc& desc,
                      const Fixup& fixup) {
  if (!desc.relaxable) return {.way = Way::kSlot, .reason = Reason::kNotRewritable};
  const Relaxation* const relaxation = link.arch->relax(bytes_of(section), fixup);
  if (relaxation == nullptr) return {.way = Way::kSlot, .reason = Reason::kNotRewritable};
  const std::uint16_t facts = object.facts[fixup.symbol];
  const FixupDesc& direct = link.arch->fixups[relaxation->as];
  if (is_switchable(link, object, fixup)) return {.way = Way::kSlot, .reason = Reason::kReplaceable};
  const bool own = relaxation->branch && stays_within(link, object, fixup);
  if (!reaches(link, object, direct, fixup) || (!own && !reaches_face(link, object, direct, fixup))) {
    return {.way = Way::kSlot, .reason = reason_for(link, object, facts)};
  }
  if (!link.options->relax) return {.way = Way::kSlot, .reason = Reason::kRelaxationOff};
  return {.way = Way::kRelaxed, .relaxation = *relaxation, .own = own};
}

// A distance to a function that is out of reach, in what looks like a call: assemblers before PLT32 wrote those.
Decision direct_distance(const LinkState& link, const Object& object, const Section& section, const FixupDesc& desc,
                         const Fixup& fixup) {
  const std::uint16_t facts = object.facts[fixup.symbol];
  const bool may_be_far = (facts & (kInZone | kDead)) == 0;
  if (!may_be_far || desc.any || section.role != SectionRole::kCode) return {};
  if (!link.arch->is_branch(bytes_of(section), fixup)) return {};
  if (reaches(link, object, desc, fixup)) return {};
  return {.way = Way::kStub, .reason = reason_for(link, object, facts)};
}

NeedKind thread_slot(Expr expr) {
  switch (expr) {
    case Expr::kThreadIndex: return NeedKind::kThreadIndex;
    case Expr::kThreadModule: return NeedKind::kThreadModule;
    case Expr::kThreadDescriptor: return NeedKind::kThreadDescriptor;
    default: return NeedKind::kThreadOffset;
  }
}

// Code that asks for the address of a thread-local, or loads its distance from the thread pointer. Instructions of
// descriptors belong together, and so do those of local-dynamic code, but nothing says which to which: the former are
// rewritten in all of an object, the latter in all of the set, or not at all.
Decision thread_local_access(const LinkState& link, const Object& object, const Section& section, std::uint32_t index,
                             Expr expr, const Fixup& fixup) {
  Decision decision{.way = expr == Expr::kThreadCall ? Way::kDirect : Way::kSlot, .slot = thread_slot(expr)};
  const bool descriptor = expr == Expr::kThreadDescriptor || expr == Expr::kThreadCall;
  decision.reason = Reason::kPerThread;
  if (!has_fixed_offset(link, object, fixup.symbol)) return decision;
  decision.reason = link.options->relax ? Reason::kNotRewritable : Reason::kRelaxationOff;
  if (!link.options->relax || (descriptor && !object.relaxes_descriptors)) return decision;
  if (expr == Expr::kThreadModule && !link.threads.from_pointer) return decision;
  const std::optional<Relaxation> relaxation = thread_relaxation(link, object, section, index, fixup);
  if (!relaxation) return decision;
  return {.way = Way::kRelaxed, .relaxation = *relaxation};
}

// The kernel puts libraries beside each other: one that is yet to be loaded will lie in reach of a window that is near
// those that are. Where it does not, the link is planned again once it is known.
bool is_presumed_near(const LinkState& link, const Object& object, SymbolIndex symbol) {
  const GlobalIndex id = object.symbols[symbol].global;
  return id != kNone<GlobalIndex> && link.global(id).loaded_later &&
         link.constraint.kind == Constraint::Kind::kNearLibraries;
}

}  // namespace

std::uint64_t known_address(const LinkState& link, const Object& object, SymbolIndex symbol) {
  const Symbol& s = object.symbols[symbol];
  if (s.global != kNone<GlobalIndex>) return link.global(s.global).value;
  return s.place == SymbolPlace::kSection ? object.sections[s.section].kept_at() + s.value : s.value;
}

bool reaches_face(const LinkState& link, const Object& object, const FixupDesc& desc, const Fixup& fixup) {
  const GlobalIndex id = object.symbols[fixup.symbol].global;
  if (link.face == nullptr || id == kNone<GlobalIndex> || !link.global(id).faced) return true;
  const Face::Entry* entry = link.face->find(link.global(id).name);
  if (entry == nullptr) return true;
  const std::uint64_t target = value(entry->stub) + static_cast<std::uint64_t>(fixup.addend);
  return fits_from(desc, target, link.window.lo, link.window.hi);
}

bool reaches(const LinkState& link, const Object& object, const FixupDesc& desc, const Fixup& fixup) {
  const std::uint16_t facts = object.facts[fixup.symbol];
  if ((facts & kIndirect) != 0) return false;
  if ((facts & kInZone) != 0) return spans(desc, link.arch->zone_span);
  if ((facts & (kAddressKnown | kNull)) == 0) {
    return is_presumed_near(link, object, fixup.symbol) && spans(desc, link.arch->zone_span);
  }
  const std::uint64_t target = known_address(link, object, fixup.symbol) + static_cast<std::uint64_t>(fixup.addend);
  return fits_from(desc, target, link.window.lo, link.window.hi);
}

Decision decide(const LinkState& link, const Object& object, const Section& section, std::uint32_t index,
                const Fixup& fixup) {
  const FixupDesc& desc = link.arch->fixups[fixup.kind];
  switch (desc.expr) {
    case Expr::kCall:
      if (reaches(link, object, desc, fixup)) {
        return {.own = stays_within(link, object, fixup)};
      }
      return {.way = Way::kStub, .reason = reason_for(link, object, object.facts[fixup.symbol])};
    case Expr::kCallFromGot:
      if ((object.facts[fixup.symbol] & kIndirect) == 0) return {};
      return {.way = Way::kStub, .reason = Reason::kIndirectFunction};
    case Expr::kSlotRelative:
      return through_slot(link, object, section, desc, fixup);
    case Expr::kSlotFromGot:
      return {.way = Way::kSlot, .reason = Reason::kNotRewritable};
    case Expr::kRelative:
      return direct_distance(link, object, section, desc, fixup);
    case Expr::kAbsolute:  // each version has initialisers and finalisers of its own
      return {.own = is_array(section.role) && is_faced(link, object, fixup)};
    case Expr::kNone:
    case Expr::kGotRelative:
    case Expr::kFromGot:
    case Expr::kSize:
    case Expr::kThreadOffset:
    case Expr::kBlockOffset:
    case Expr::kModuleId:
      break;
    case Expr::kThreadIndex:
    case Expr::kThreadModule:
    case Expr::kThreadDescriptor:
    case Expr::kThreadCall:
    case Expr::kThreadSlot:
      return thread_local_access(link, object, section, index, desc.expr, fixup);
  }
  return {};
}

}  // namespace enfold
