// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A symbol's name with its hash. It is taken once, where the name is read; every table that looks the name up, those
// of the link, of the record and of the session, goes by the same one.
#ifndef ENFOLD_HASHED_NAME_H_
#define ENFOLD_HASHED_NAME_H_

#include <cstdint>
#include <string_view>

namespace enfold {

struct HashedName {
  std::string_view text;
  std::uint32_t hash = 0;
};

// Each process has a seed of its own, so that nobody can choose names that all fall into one place of a table.
std::uint64_t wide_hash_of(std::string_view name);
std::uint32_t hash_of(std::string_view name);  // the lower half

inline HashedName hashed(std::string_view name) { return {name, hash_of(name)}; }

}  // namespace enfold

#endif  // ENFOLD_HASHED_NAME_H_
