// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_TOOL_COMMANDS_H_
#define ENFOLD_TOOL_COMMANDS_H_

#include "arguments.h"

namespace tool {

// Each returns an exit status. run() returns only when it could not start the program, which else ends the process.
int run(Arguments& arguments);
int plan(const Arguments& arguments);

}  // namespace tool

#endif  // ENFOLD_TOOL_COMMANDS_H_
