// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The run times of sanitizers have to be in a process from its start: they interpose malloc, and lay shadow memory out
// before anything else is there. So the tool starts itself anew with them preloaded, as for static room (restart.h).
#ifndef ENFOLD_TOOL_SANITIZERS_H_
#define ENFOLD_TOOL_SANITIZERS_H_

#include <enfold/error.h>

#include <string>
#include <vector>

#include "arguments.h"

namespace tool {

// Paths of the run times that the command line asks for, by -fsanitize or by their libraries' names, or whose functions
// an error lists as undefined, and that this process does not have. The compiler is asked where they are; what it does
// not have is left out.
std::vector<std::string> sanitizers_to_load(const LinkArguments& arguments);
std::vector<std::string> sanitizers_to_load(const LinkArguments& arguments, const enfold::Error& error);

}  // namespace tool

#endif  // ENFOLD_TOOL_SANITIZERS_H_
