// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_TOOL_TOTALS_H_
#define ENFOLD_TOOL_TOTALS_H_

#include <enfold/plan.h>

#include <cstdint>

namespace tool {

// Sums over a plan's segments.
struct Totals {
  std::uint64_t size = 0, written_size = 0;
  std::uint64_t slot_count = 0, slot_size = 0, stub_count = 0, stub_size = 0;
  // The pages that the set fills when it shares none with other sets: what differs in protection shares no page.
  std::uint64_t own_pages_size = 0;
};

Totals totals_of(const enfold::Plan& plan);

}  // namespace tool

#endif  // ENFOLD_TOOL_TOTALS_H_
