// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Objects and archives to start from: small, made by the compilers at hand, one for each thing that objects may hold.
#ifndef ENFOLD_FUZZ_SEEDS_H_
#define ENFOLD_FUZZ_SEEDS_H_

#include <cstddef>
#include <string>
#include <vector>

namespace enfold::fuzz {

enum class SeedKind { kObject, kArchive, kSharedLibrary, kLinkerScript };

struct Seed {
  std::string name;
  SeedKind kind = SeedKind::kObject;
  std::vector<std::byte> bytes;
};

// Compiles, assembles and archives in a directory of its own, which is gone afterwards. A seed whose compiler is not at
// hand is left out.
std::vector<Seed> make_seeds();

}  // namespace enfold::fuzz

#endif  // ENFOLD_FUZZ_SEEDS_H_
