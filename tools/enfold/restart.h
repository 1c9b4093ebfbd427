// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Some programs need a process that was started for them. Code that was compiled with default flags has its thread-locals
// in static storage, of which the C library grants a process a fixed amount when it starts: enough for a few variables.
// All of it comes out of each thread's stack, so this tool asks for no more than programs need. For one that needs more,
// with its libraries, than there is, the tool starts itself anew (start.h) with just that much more granted, by way of
// glibc's tunables, and, for an alignment that nothing else in the process has, with a preloaded object of that alignment.
// Run times of sanitizers (sanitizers.h) and libraries that cannot be opened later are preloaded as well.
// A program that defines malloc does so for the C library, too: allocator/allocator.c is preloaded for it. For one that
// addresses variables of the C library directly, an object with those is (library_variables.h).
#ifndef ENFOLD_TOOL_RESTART_H_
#define ENFOLD_TOOL_RESTART_H_

#include <string>
#include <vector>

#include <enfold/error.h>

#include "arguments.h"

namespace tool {

// Starts the command line anew with what was lacking; with more than that where it was started anew for less before.
// `variables`: of the C library, to be in reach.
// Returns where that is impossible.
void restart_with(const Arguments& arguments, const enfold::Lack& lack, const std::vector<std::string>& variables = {});

}  // namespace tool

#endif  // ENFOLD_TOOL_RESTART_H_
