// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Read, plan, link and unload over the mock process. The first byte holds options; then follows one object, archive or
// shared library, or several with their sizes before them.
#include <cstdio>

#include "checked_link.h"
#include "fuzz_target.h"

FUZZ_TARGET(data) {
  using namespace enfold::fuzz;
  static CheckedLinker linker;
  if (data.empty()) return;
  const std::vector<InputBytes> inputs = split_inputs(data.subspan(1));
  const auto bits = std::to_integer<std::uint8_t>(data[0]);
  const Outcome outcome = linker.run(inputs, options_from(bits), sets_from(bits));
  for (const std::string& violation : outcome.violations) std::fprintf(stderr, "violation: %s\n", violation.c_str());
  if (!outcome.sound()) __builtin_trap();
}
