// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a compiler driver adds to every link without being asked, as far as a running process lacks it: the compiler's
// helper functions (libgcc.a), the part of the C library that is always linked statically (libc_nonshared.a), the C++
// library and what it rests on, where anything is bound to them, and the directories in which -l looks. Found by
// looking at the usual places: no compiler is run for it, none need be there.
#ifndef ENFOLD_TOOL_DEFAULT_LIBS_H_
#define ENFOLD_TOOL_DEFAULT_LIBS_H_

#include <string>
#include <vector>

namespace tool {

struct DefaultLibs {
  std::vector<std::string> archives;     // those that exist
  std::vector<std::string> libraries;    // likewise: shared, to be opened as needed
  std::vector<std::string> directories;  // likewise
};

DefaultLibs find_default_libs();

}  // namespace tool

#endif  // ENFOLD_TOOL_DEFAULT_LIBS_H_
