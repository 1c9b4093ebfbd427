// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_BENCH_PEERS_OBJECTS_H_
#define ENFOLD_BENCH_PEERS_OBJECTS_H_

// The inputs, in memory: what generate.py wrote, and copies of a tiny object under other names.
#include <cstddef>
#include <string>
#include <vector>

#include "peer.h"

namespace enfold::bench {

// Objects that are linked as one, and the function that tells whether they were: entry(argument) == result.
struct Program {
  std::string entry;
  long argument = 0, result = 0;
  std::vector<std::string> libraries;  // that it needs to be in the process
  std::vector<Input> objects;
};

Program load_program(const std::string& directory, const std::string& name);

// One object many times, with the digits of its entry's name, which ends in _000000, replaced in the whole file.
struct Copies {
  std::vector<Input> objects{};
  std::vector<std::string> names{};  // of each one's entry
};

Copies make_copies(const Program& program, std::size_t count);

}  // namespace enfold::bench

#endif  // ENFOLD_BENCH_PEERS_OBJECTS_H_
