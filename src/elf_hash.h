// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Hashes of symbols' names, as the tables of shared libraries have them.
#ifndef ENFOLD_ELF_HASH_H_
#define ENFOLD_ELF_HASH_H_

#include <cstdint>
#include <string_view>

namespace enfold {

// Of DT_HASH (gABI, "Hash Table").
constexpr std::uint32_t sysv_hash_of(std::string_view name) {
  std::uint32_t hash = 0;
  for (const char c : name) {
    hash = (hash << 4) + static_cast<unsigned char>(c);
    hash = (hash ^ ((hash & 0xf0000000) >> 24)) & 0x0fffffff;
  }
  return hash;
}

// Of DT_GNU_HASH: Bernstein's, by 33.
constexpr std::uint32_t gnu_hash_of(std::string_view name) {
  std::uint32_t hash = 5381;
  for (const char c : name) hash = hash * 33 + static_cast<unsigned char>(c);
  return hash;
}

}  // namespace enfold

#endif  // ENFOLD_ELF_HASH_H_
