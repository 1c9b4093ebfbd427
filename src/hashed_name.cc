// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hashed_name.h"

#include <xxhash.h>

namespace enfold {

std::uint32_t hash_of(std::string_view name) {
  return static_cast<std::uint32_t>(XXH3_64bits(name.data(), name.size()));
}

}  // namespace enfold
