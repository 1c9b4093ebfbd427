// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Plans as people read them.
#ifndef ENFOLD_TOOL_RENDER_TEXT_H_
#define ENFOLD_TOOL_RENDER_TEXT_H_

#include <enfold/linked_set.h>
#include <enfold/memory.h>
#include <enfold/plan.h>

#include <string>

namespace tool {

std::string render_plan(const enfold::Plan& plan, bool sections);                         // `enfold plan`
std::string render_map(const enfold::Plan& plan);                                         // --map
std::string render_stats(const enfold::LinkedSet& set, const enfold::MemoryUse& memory);  // --stats

}  // namespace tool

#endif  // ENFOLD_TOOL_RENDER_TEXT_H_
