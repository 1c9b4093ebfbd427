// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Code that was compiled with default flags has its thread-locals in static storage, of which the C library grants a
// process a fixed amount when it starts: enough for a few variables. All of it comes out of each thread's stack, so this
// tool asks for no more than programs need. For one that needs more, with its libraries, than there is, the tool starts
// itself anew (start.h) with just that much more granted, by way of glibc's tunables, and, for an alignment that nothing
// else in the process has, with a preloaded object of that alignment.
#ifndef ENFOLD_TOOL_STATIC_TLS_H_
#define ENFOLD_TOOL_STATIC_TLS_H_

#include <enfold/error.h>

#include "arguments.h"

namespace tool {

// Starts the command line anew with that room; with more than that where it was started anew for less before. Returns
// where that is impossible.
void restart_with_static_tls(const Arguments& arguments, enfold::StaticStorage lack);

}  // namespace tool

#endif  // ENFOLD_TOOL_STATIC_TLS_H_
