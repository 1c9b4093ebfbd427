// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// --explain-crash: where a fatal signal hit the program, in its own names.
#ifndef ENFOLD_TOOL_EXPLAIN_CRASH_H_
#define ENFOLD_TOOL_EXPLAIN_CRASH_H_

#include <enfold/session.h>

namespace tool {

// From here on a fatal signal is explained on standard error, and then takes its default course. Unless the program
// handles it itself. Ownership: the session lives until the process ends.
void explain_crashes(const enfold::Session& session);

}  // namespace tool

#endif  // ENFOLD_TOOL_EXPLAIN_CRASH_H_
