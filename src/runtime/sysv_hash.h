// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_RUNTIME_SYSV_HASH_H_
#define ENFOLD_RUNTIME_SYSV_HASH_H_

#include <cstdint>
#include <string_view>

namespace enfold::runtime {

// Of a symbol's name, as DT_HASH has it (gABI, "Hash Table").
constexpr std::uint32_t sysv_hash_of(std::string_view name) {
  std::uint32_t hash = 0;
  for (const char c : name) {
    hash = (hash << 4) + static_cast<unsigned char>(c);
    hash = (hash ^ ((hash & 0xf0000000) >> 24)) & 0x0fffffff;
  }
  return hash;
}

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_SYSV_HASH_H_
