// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Plans for programs. The schema is documented in enfold(1); members may be added, none is renamed or removed without
// a new "version".
#ifndef ENFOLD_TOOL_RENDER_JSON_H_
#define ENFOLD_TOOL_RENDER_JSON_H_

#include <enfold/plan.h>

#include <string>

namespace tool {

// One JSON object and a newline. All numbers are integers: bytes, counts, nanoseconds.
std::string render_json(const enfold::Plan& plan, bool sections);

}  // namespace tool

#endif  // ENFOLD_TOOL_RENDER_JSON_H_
