// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "read/name_index.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace enfold::read {
namespace {

TEST(NameIndex, FindsNothingWhileEmpty) { EXPECT_FALSE(NameIndex().find("x")); }

TEST(NameIndex, FirstNumberOfANameStays) {
  NameIndex index;
  EXPECT_TRUE(index.add("x", 1));
  EXPECT_TRUE(index.add("x", 2));
  EXPECT_EQ(index.find("x"), 1U);
  EXPECT_EQ(index.size(), 1U);
}

TEST(NameIndex, KeepsAllNamesWhileItGrows) {
  std::vector<std::string> names;
  for (int i = 0; i != 10'000; ++i) names.push_back("symbol_" + std::to_string(i));
  NameIndex index;
  for (std::uint32_t i = 0; i != names.size(); ++i) ASSERT_TRUE(index.add(names[i], i));
  for (std::uint32_t i = 0; i != names.size(); ++i) ASSERT_EQ(index.find(names[i]), i);
  EXPECT_FALSE(index.find("symbol_10000"));
}

TEST(NameIndex, TheEmptyNameIsAName) {
  NameIndex index;
  EXPECT_FALSE(index.find(""));
  EXPECT_TRUE(index.add("", 7));
  EXPECT_EQ(index.find(""), 7U);
}

}  // namespace
}  // namespace enfold::read
