// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "plan/place.h"

#include <algorithm>
#include <utility>

#include "plan/scan.h"
#include "plan/zones.h"

namespace enfold {
namespace {

// Moves the link to the window that `constraint` asks for, and scans it there.
Expected<PlaceDemand> scan_at(LinkState& link, MemoryProvider& memory, const Constraint& constraint, std::uint64_t span,
                              bool last) {
  Expected<AddressRange> window = memory.locate(constraint, span);
  if (!window) return std::unexpected(std::move(window).error());
  link.constraint = constraint;
  link.window = *window;
  return scan(link, last);
}

// Does the set ask where its image begins or ends?
bool wants_image(const LinkState& link) {
  return link.defines(Synthetic::kTextEnd) || link.defines(Synthetic::kDataEnd) ||
         link.defines(Synthetic::kImageEnd) || link.defines(Synthetic::kImageStart) ||
         link.defines(Synthetic::kDataStart) || link.defines(Synthetic::kHeader);
}

}  // namespace

Expected<void> settle_place(LinkState& link, MemoryProvider& memory, std::uint64_t span) {
  const bool image = wants_image(link), object = is_shared_object(link);
  const Constraint libraries = {
      .kind = Constraint::Kind::kNearLibraries, .reach = link.arch->reach, .contiguous = image, .for_loader = object};
  Expected<PlaceDemand> demand = scan_at(link, memory, libraries, span, false);
  if (!demand) return std::unexpected(std::move(demand).error());
  if (demand->none()) return {};
  if (!demand->low) {
    const Constraint near = {.kind = Constraint::Kind::kNear,
                             .target = *demand->far,
                             .reach = link.arch->reach,
                             .contiguous = image,
                             .for_loader = object};
    Expected<PlaceDemand> there = scan_at(link, memory, near, span, false);
    if (there && there->none()) return {};
    demand = scan_at(link, memory, libraries, span, true);
    if (!demand) return std::unexpected(std::move(demand).error());
    if (!demand->low) return {};
  }
  const Constraint low = {
      .kind = Constraint::Kind::kLow, .reach = link.arch->reach, .contiguous = image, .for_loader = object};
  demand = scan_at(link, memory, low, span, true);
  if (!demand) return std::unexpected(std::move(demand).error());
  return {};
}

bool libraries_are_near(const LinkState& link) {
  if (link.libraries.empty() || link.constraint.kind == Constraint::Kind::kLow) return true;
  const AddressRange& window = link.window;
  return std::ranges::none_of(link.globals, [&](const Global& global) {
    if (!global.loaded_later || global.type == SymbolType::kThreadLocal) return false;
    const std::uint64_t lo = std::min(global.value, window.lo), hi = std::max(global.value, window.hi);
    return hi - lo > link.arch->zone_span;
  });
}

void learn_libraries(LinkState& link) {
  for (Global& global : link.globals) global.loaded_later = false;
  establish_facts(link);
}

}  // namespace enfold
