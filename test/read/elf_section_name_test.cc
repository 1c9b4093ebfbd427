// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "read/elf_section_name.h"

#include <gtest/gtest.h>

#include <string_view>

#include "support.h"

namespace enfold::read {
namespace {

using namespace std::string_view_literals;

// The last name of a table, in memory that ends with it: nothing behind it may be read.
class LastName {
 public:
  explicit LastName(std::string_view with_nul) : contents_(with_nul) {}
  SectionName name() const { return SectionName(contents_.bytes().text()); }

 private:
  test::Contents contents_;
};

TEST(SectionName, IsItselfToItsNul) {
  EXPECT_TRUE(LastName(".init\0"sv).name().is<".init">());
  EXPECT_TRUE(LastName(".eh_frame\0"sv).name().is<".eh_frame">());
  EXPECT_FALSE(LastName(".init_array\0"sv).name().is<".init">());
  EXPECT_FALSE(LastName(".eh_frame_hdr\0"sv).name().is<".eh_frame">());
  EXPECT_FALSE(LastName(".eh_fram\0"sv).name().is<".eh_frame">());
}

TEST(SectionName, EndsWhereItsNulIsWhateverFollows) {
  EXPECT_TRUE(SectionName(".init\0.text\0"sv).is<".init">());
  EXPECT_TRUE(SectionName(".eh_frame\0.text\0"sv).is<".eh_frame">());
  EXPECT_TRUE(SectionName(".got\0.text\0"sv).has_stem<".got">());
  EXPECT_FALSE(SectionName("\0.init\0"sv).is<".init">());
}

TEST(SectionName, HasAStemAloneOrBeforeADot) {
  for (const std::string_view named : {".ctors\0"sv, ".ctors.00100\0"sv, ".ctors.\0"sv}) {
    EXPECT_TRUE(LastName(named).name().has_stem<".ctors">()) << named;
  }
  for (const std::string_view other : {".ctorsx\0"sv, ".ctor\0"sv, ".ctors_00100\0"sv, "ctors\0"sv, "\0"sv}) {
    EXPECT_FALSE(LastName(other).name().has_stem<".ctors">()) << other;
  }
  EXPECT_TRUE(LastName(".data.rel.ro.local\0"sv).name().has_stem<".data.rel.ro">());
  EXPECT_FALSE(LastName(".data.rel.rox\0"sv).name().has_stem<".data.rel.ro">());
  EXPECT_FALSE(LastName(".data.rel\0"sv).name().has_stem<".data.rel.ro">());
}

TEST(SectionName, BeginsAsItsBytesSay) {
  EXPECT_TRUE(LastName(".debug_info\0"sv).name().begins_with<".debug_">());
  EXPECT_TRUE(LastName(".zdebug_x\0"sv).name().begins_with<".zdebug_">());
  EXPECT_FALSE(LastName(".debug\0"sv).name().begins_with<".debug_">());
}

}  // namespace
}  // namespace enfold::read
