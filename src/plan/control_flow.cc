// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "plan/control_flow.h"

#include <algorithm>

namespace enfold {
namespace {

bool has_code(const Object& object) {
  return std::ranges::any_of(object.sections, [](const Section& section) {
    return section.role == SectionRole::kCode && section.in_image() && section.size != 0;
  });
}

}  // namespace

void settle_control_flow(LinkState& link) {
  bool code = false, any_landing_pads = false;
  ControlFlowMarks all{.landing_pads = true, .shadow_stack = true};
  for (const Object& object : link.objects) {
    if (!has_code(object)) continue;
    code = true;
    all.landing_pads &= object.marks.landing_pads;
    all.shadow_stack &= object.marks.shadow_stack;
    any_landing_pads |= object.marks.landing_pads;
  }
  link.marks = code ? all : ControlFlowMarks{};
  // The stubs of a replaceable set outlive its first version, and later ones may be marked.
  const bool land = any_landing_pads || is_replaceable(link);
  link.stubs = land ? &link.arch->landing_stubs : &link.arch->plain_stubs;
}

}  // namespace enfold
