// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sets that define malloc, in a process whose C library goes on with its own. Where they may replace it is shown by
// test/programs/process-malloc.
#include <string>

#include <gtest/gtest.h>

#include "support.h"

namespace enfold::test {
namespace {

constexpr const char* kAllocator = R"(
#include <stddef.h>
static char block[64];
int taken;
void* malloc(size_t size) { taken++; return size <= sizeof block ? block : 0; }
void free(void* p) { (void)p; taken--; }
int use(void) { void* p = malloc(8); int one = taken; free(p); return one * 10 + taken; })";

TEST(Allocator, OfASetIsRefusedWhereTheCLibraryGoesOnWithItsOwn) {
  const auto session = new_session();
  const Expected<LinkedSet> linked = session->link(set_of(c_object(kAllocator, "-O1 -fno-builtin")));
  ASSERT_FALSE(linked);
  EXPECT_EQ(linked.error().code(), ErrorCode::kUnsupported);
  EXPECT_EQ(linked.error().place().symbol, "malloc");
  EXPECT_NE(linked.error().cure().find("libenfold-allocator.so"), std::string::npos);
  ASSERT_TRUE(linked.error().lacks());
  EXPECT_TRUE(linked.error().lacks()->allocator);
  EXPECT_EQ(session->memory_use().block_count, 0u);
}

TEST(Allocator, ThatIsHiddenIsTheSetsOwn) {
  const auto session = new_session();
  const LinkedSet linked = must(session->link(set_of(
      c_object(std::string("#pragma GCC visibility push(hidden)\n") + kAllocator + "\n#pragma GCC visibility pop\n"
               "int shown(void) { return use(); }", "-O1 -fno-builtin"))));
  EXPECT_EQ(call<int()>(linked, "shown"), 10);
}

TEST(Allocator, IsPlannedLikeOtherSets) {
  const auto session = new_session();
  EXPECT_TRUE(session->plan(set_of(c_object(kAllocator, "-O1 -fno-builtin"))));
}

TEST(Allocator, OfAReplaceableSetIsRefused) {
  const auto session = new_session();
  ObjectSet set = set_of(c_object(kAllocator, "-O1 -fno-builtin"));
  set.options().replaceable = Replaceable::kByOthers;
  const Expected<LinkedSet> linked = session->link(std::move(set));
  ASSERT_FALSE(linked);
  EXPECT_EQ(linked.error().code(), ErrorCode::kUnsupported);
  EXPECT_FALSE(linked.error().lacks());
}

}  // namespace
}  // namespace enfold::test
