// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Functions of the C library that take the caller's handle behind its back. glibc keeps them out of its shared library,
// in libc_nonshared.a, so that each image calls with a handle of its own. Where that archive is not among the inputs,
// the linker makes the call: a stub that adds the set's handle and jumps to the function behind.
#ifndef ENFOLD_PLAN_BOUND_FUNCTIONS_H_
#define ENFOLD_PLAN_BOUND_FUNCTIONS_H_

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>

namespace enfold {

struct BoundFunction {
  std::string_view name, behind;
  std::uint8_t handle_argument;  // which integer argument is the handle, from 0
};

inline constexpr BoundFunction kBoundFunctions[] = {
    // __cxa_atexit(function, argument, handle): the function ignores the argument.
    {"atexit", "__cxa_atexit", 2},
    {"at_quick_exit", "__cxa_at_quick_exit", 1},
    {"pthread_atfork", "__register_atfork", 3},
};

inline std::optional<std::uint8_t> find_bound_function(std::string_view name) {
  const auto* found = std::ranges::find(kBoundFunctions, name, &BoundFunction::name);
  if (found == std::end(kBoundFunctions)) return std::nullopt;
  return static_cast<std::uint8_t>(found - std::begin(kBoundFunctions));
}

}  // namespace enfold

#endif  // ENFOLD_PLAN_BOUND_FUNCTIONS_H_
