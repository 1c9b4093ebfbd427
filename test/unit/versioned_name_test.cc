// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/versioned_name.h"

#include <gtest/gtest.h>

namespace enfold::runtime {
namespace {

TEST(VersionedName, IsSplitAtItsMark) {
  const VersionedName plain = split("name"), hidden = split("name@V1"), shown = split("name@@V2"), open = split("name@");
  EXPECT_EQ(plain.name, "name");
  EXPECT_EQ(plain.version, "");
  EXPECT_FALSE(plain.is_default);
  EXPECT_EQ(hidden.name, "name");
  EXPECT_EQ(hidden.version, "V1");
  EXPECT_FALSE(hidden.is_default);
  EXPECT_EQ(shown.version, "V2");
  EXPECT_TRUE(shown.is_default);
  EXPECT_EQ(open.name, "name");
  EXPECT_EQ(open.version, "");
}

}  // namespace
}  // namespace enfold::runtime
