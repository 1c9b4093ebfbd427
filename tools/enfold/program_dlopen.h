// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_TOOL_PROGRAM_DLOPEN_H_
#define ENFOLD_TOOL_PROGRAM_DLOPEN_H_

#include <string>

namespace tool {

// From here on "$ORIGIN" in what the program gives to its dlopen(), program_dlopen(), is the folder that a program of
// that name lies in (dlopen(3)). The C library would take the folder of the object that calls it, which has none.
void set_program_origin(const std::string& program);
void* program_dlopen(const char* file, int mode);

}  // namespace tool

#endif  // ENFOLD_TOOL_PROGRAM_DLOPEN_H_
