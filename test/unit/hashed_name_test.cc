// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hashed_name.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace enfold {
namespace {

// Names whose hashes without a seed all end in ten zeros. Each is as likely as any to have any other end.
TEST(HashedNames, ThatWereChosenToFallTogetherDoNot) {
  constexpr std::uint32_t kMask = 1023;
  constexpr std::size_t kCount = 200;
  std::set<std::uint32_t> ends;
  std::size_t count = 0;
  for (std::uint32_t i = 0; count < kCount; ++i) {
    const std::string name = "s" + std::to_string(i);
    if ((XXH3_64bits(name.data(), name.size()) & kMask) != 0) continue;
    ends.insert(hash_of(name) & kMask);
    ++count;
  }
  EXPECT_GT(ends.size(), kCount / 2);
}

}  // namespace
}  // namespace enfold
