// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The functions of a set that is being linked, as profilers want to know them: local ones, too, and stubs.
#ifndef ENFOLD_RUNTIME_LINKED_FUNCTIONS_H_
#define ENFOLD_RUNTIME_LINKED_FUNCTIONS_H_

#include <cstdint>
#include <string>
#include <vector>

#include <enfold/memory.h>

#include "link_state.h"

namespace enfold {

struct LinkedFunction {
  TargetAddr address{};
  std::uint64_t size = 0;  // never 0
  std::string name;        // mangled; "NAME@stub" of a stub
};

// By address, one for each. A function that does not say its size ends where the next one begins, or its section does.
std::vector<LinkedFunction> linked_functions(const LinkState& link);

}  // namespace enfold

#endif  // ENFOLD_RUNTIME_LINKED_FUNCTIONS_H_
