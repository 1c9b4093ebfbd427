// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <cstddef>
#include <cstdint>
#include <vector>

#include "capi/handles.h"

using namespace enfold;
using namespace enfold::capi;

namespace {

// One element of a list of the plan, as the caller's struct.
template <class Element, class T, class Told>
bool element(const enfold_plan* plan, std::vector<Element> Plan::*list, std::size_t index, T* out, std::size_t size,
             Told&& told) {
  if (plan == nullptr || index >= (behind(plan)->*list).size()) return false;
  const T value = told((behind(plan)->*list)[index]);
  give(value, out, size);
  return true;
}

std::uint64_t alignment(std::uint8_t p2align) { return std::uint64_t{1} << p2align; }

}  // namespace

void enfold_plan_free(enfold_plan* plan) { delete behind(plan); }

void enfold_plan_totals(const enfold_plan* plan, enfold_totals* totals, size_t size) {
  static const Plan none;
  const Plan& p = plan == nullptr ? none : *behind(plan);
  const enfold_totals told = {.set = p.set.c_str(),
                              .architecture = p.architecture.c_str(),
                              .window_lo = p.window.lo,
                              .window_hi = p.window.hi,
                              .zone_count = p.zone_count,
                              .size = p.size(),
                              .object_count = p.object_count,
                              .section_count = p.section_count,
                              .relocation_count = p.relocation_count,
                              .relaxed_count = p.relaxed_count,
                              .discarded_section_count = p.discarded_section_count,
                              .discarded_size = p.discarded_size,
                              .shared_slot_count = p.shared_slot_count,
                              .shared_stub_count = p.shared_stub_count,
                              .kept_section_count = p.kept_section_count,
                              .kept_symbol_count = p.kept_symbol_count,
                              .unresolved_count = p.unresolved.size(),
                              .thread_size = p.threads.size,
                              .thread_image_size = p.threads.image_size,
                              .thread_static = p.threads.is_static,
                              .landing_pads = p.landing_pads,
                              .shadow_stack = p.shadow_stack};
  give(told, totals, size);
}

uint64_t enfold_plan_count(const enfold_plan* plan, enfold_need_kind kind) {
  const auto meant = enumerator(kind, NeedKind::kThreadDescriptor);
  return plan == nullptr || !meant ? 0 : behind(plan)->count(*meant);
}

bool enfold_plan_segment(const enfold_plan* plan, size_t index, enfold_segment* segment, size_t size) {
  return element(plan, &Plan::segments, index, segment, size, [](const PlannedSegment& s) -> enfold_segment {
    return {.protection = static_cast<enfold_protection>(s.protection),
            .zone = s.zone,
            .base = value(s.base),
            .size = s.size,
            .written_size = s.written_size,
            .alignment = alignment(s.p2align),
            .section_count = s.section_count,
            .slot_count = s.slot_count,
            .stub_count = s.stub_count,
            .slot_size = s.slot_size,
            .stub_size = s.stub_size};
  });
}

bool enfold_plan_need(const enfold_plan* plan, size_t index, enfold_need* need, size_t size) {
  return element(plan, &Plan::needs, index, need, size, [](const PlannedNeed& n) -> enfold_need {
    return {.kind = static_cast<enfold_need_kind>(n.kind),
            .reason = static_cast<enfold_reason>(n.reason),
            .zone = n.zone,
            .use_count = n.use_count,
            .symbol = n.symbol.c_str(),
            .symbol_object = n.symbol_object.c_str(),
            .shared_with = n.shared_with.c_str(),
            .size = n.size,
            .first_use = place_of(n.first_use),
            .address = value(n.address)};
  });
}

bool enfold_plan_unresolved(const enfold_plan* plan, size_t index, enfold_unresolved* symbol, size_t size) {
  return element(plan, &Plan::unresolved, index, symbol, size, [](const UnresolvedSymbol& u) -> enfold_unresolved {
    return {.name = u.name.c_str(), .reference_count = u.reference_count};
  });
}

bool enfold_plan_reference(const enfold_plan* plan, size_t unresolved, size_t index, enfold_place* place, size_t size) {
  if (plan == nullptr || unresolved >= behind(plan)->unresolved.size()) return false;
  const std::vector<Place>& references = behind(plan)->unresolved[unresolved].references;
  if (index >= references.size()) return false;
  give(place_of(references[index]), place, size);
  return true;
}

bool enfold_plan_section(const enfold_plan* plan, size_t index, enfold_section* section, size_t size) {
  return element(plan, &Plan::sections, index, section, size, [](const PlannedSection& s) -> enfold_section {
    return {.object = s.object.c_str(),
            .name = s.name.c_str(),
            .segment = s.segment,
            .offset = s.offset,
            .size = s.size,
            .alignment = alignment(s.p2align)};
  });
}

bool enfold_plan_symbol(const enfold_plan* plan, size_t index, enfold_symbol* symbol, size_t size) {
  return element(plan, &Plan::symbols, index, symbol, size, [](const PlannedSymbol& s) -> enfold_symbol {
    return {.name = s.name.c_str(), .origin = s.origin.c_str(), .address = value(s.address), .size = s.size};
  });
}

bool enfold_plan_pass(const enfold_plan* plan, size_t index, enfold_pass* pass, size_t size) {
  return element(plan, &Plan::passes, index, pass, size, [](const PassTime& p) -> enfold_pass {
    return {.name = c_string(p.pass), .nanoseconds = static_cast<std::uint64_t>(p.time.count())};
  });
}

const char* enfold_plan_input(const enfold_plan* plan, size_t index) {
  if (plan == nullptr || index >= behind(plan)->inputs.size()) return nullptr;
  return behind(plan)->inputs[index].c_str();
}
