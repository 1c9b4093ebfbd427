// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// LeakSanitizer takes memory for lost that nothing leads to from stacks, registers and the data of loaded modules. Data
// of a set is in no module: where its run time is in the process, it is told.
#ifndef ENFOLD_RUNTIME_LEAK_ROOTS_H_
#define ENFOLD_RUNTIME_LEAK_ROOTS_H_

#include <cstdint>

namespace enfold::runtime {

void add_leak_root(std::uint64_t begin, std::uint64_t size);
void remove_leak_root(std::uint64_t begin, std::uint64_t size) noexcept;

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_LEAK_ROOTS_H_
