// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A process as plans see it. With --base, the program's plan is made against a set that has to be linked for it: its
// slots and stubs are shared only once they have addresses. That set is written and sealed in the tool's own process,
// but nothing of it ever runs: no initialiser, no resolver of an indirect function, no exit handler, and no library is
// opened, since libraries have constructors.
#ifndef ENFOLD_TOOL_PLAN_RUNTIME_H_
#define ENFOLD_TOOL_PLAN_RUNTIME_H_

#include <enfold/runtime.h>

#include <memory>

namespace tool {

// Looks up symbols in this process and does nothing else.
std::shared_ptr<enfold::RuntimeHooks> make_plan_runtime();

}  // namespace tool

#endif  // ENFOLD_TOOL_PLAN_RUNTIME_H_
