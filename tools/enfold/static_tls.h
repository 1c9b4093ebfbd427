// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Code that was compiled with default flags has its thread-locals in static storage, of which the C library grants a
// process a fixed amount when it starts. The pool that this tool brings along serves most programs. For one that needs
// more, the tool starts itself anew with more granted, by way of glibc's tunables, which the program does not get to
// see.
#ifndef ENFOLD_TOOL_STATIC_TLS_H_
#define ENFOLD_TOOL_STATIC_TLS_H_

#include <cstdint>

#include "arguments.h"

namespace tool {

// Starts the command line anew (start.h), with room for so many bytes. Returns where that is impossible, or was done
// before.
void restart_with_static_tls(const Arguments& arguments, std::uint64_t size);

}  // namespace tool

#endif  // ENFOLD_TOOL_STATIC_TLS_H_
