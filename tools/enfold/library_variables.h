// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Variables of the C library (environ, stdout, optarg) that code without -fPIC addresses directly. Such code lies below
// 2 GiB, and the C library does not. The system linker gives a program copies, and the C library then uses those: it
// was made to look for its exported variables in the program first. In a process that runs already it has done so. But
// it looks into preloaded objects, too: one that lies below 2 GiB and defines the variables has them for all of the
// process. It is filled as the program's copies are, while the dynamic linker relocates it: the C library was relocated
// before, and none of its code but resolvers has run.
#ifndef ENFOLD_TOOL_LIBRARY_VARIABLES_H_
#define ENFOLD_TOOL_LIBRARY_VARIABLES_H_

#include <cstddef>
#include <string>
#include <vector>

#include <enfold/error.h>

namespace tool {

// The C library's variables that the error says to be out of reach, each by one of its names.
std::vector<std::string> variables_out_of_reach(const enfold::Error& error);

// An object to be preloaded that has them, under all of their names. Empty where there is none for this machine.
std::vector<std::byte> object_of_variables(const std::vector<std::string>& names);

}  // namespace tool

#endif  // ENFOLD_TOOL_LIBRARY_VARIABLES_H_
