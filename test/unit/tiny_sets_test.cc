// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Very many sets of one small function each: what a compiler of expressions makes. They share pages, so that each costs
// little more than its bytes, and the process's mappings stay few.
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "support.h"
#include "watch.h"

namespace enfold::test {
namespace {

constexpr std::size_t kSetCount = kShadowMemory ? 300 : 10'000;

// Some 100 bytes of code with a call of the C library.
constexpr char kTiny[] =
    "int getpid(void);\n"
    "long tiny(long a, long b, long c) {\n"
    "  long n = a * 3 + b * 5 + c * 7 + (a ^ b) + (b ^ c) + ((a & 15) << (b & 7)) + ((c & 31) * (a | 1));\n"
    "  return n + getpid();\n"
    "}";

std::uint64_t resident_size() {
  malloc_trim(0);
  std::ifstream file("/proc/self/statm");
  std::uint64_t total = 0, pages = 0;
  file >> total >> pages;
  return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

struct TinySets : testing::Test {
  void SetUp() override {
    SessionOptions options;
    options.memory = must(make_memory());
    session = must(Session::create(std::move(options)));
    for (int i = 0; i < 10; ++i) must(session->link(private_set(object)));  // what is allotted once
    session->trim();
    mapping_count = address_map().size();
    resident = resident_size();
    sets.reserve(kSetCount);
  }
  void link_all() {
    for (std::size_t i = 0; i < kSetCount; ++i) sets.push_back(must(session->link(private_set(object))));
  }
  void unload_all_in_random_order() {
    std::shuffle(sets.begin(), sets.end(), std::mt19937(7));
    while (!sets.empty()) {
      must(sets.back().unload());
      sets.pop_back();
    }
  }

  const ObjectBytes object = c_object(kTiny, "-O1 -fPIC");
  std::unique_ptr<Session> session;
  std::size_t mapping_count = 0;
  std::uint64_t resident = 0;
  std::vector<LinkedSet> sets;
};

TEST_F(TinySets, AllWork) {
  link_all();
  const long expected = call<long(long, long, long)>(sets[0], "tiny", 1L, 2L, 3L);
  for (const LinkedSet& set : sets) ASSERT_EQ((call<long(long, long, long)>(set, "tiny", 1L, 2L, 3L)), expected);
}

TEST_F(TinySets, TakeAHandfulOfMappings) {
  link_all();
  if (kShadowMemory) return;
  EXPECT_LE(address_map().size(), mapping_count + 16);
}

// With the linker's own record of the set, and its unwind table's registration.
TEST_F(TinySets, TakeLessThanAKibibyteEach) {
  link_all();
  if (kShadowMemory) return;
  EXPECT_LT((resident_size() - resident) / kSetCount, 1024u);
}

// What remains are arenas and vectors that keep what they had: not a hundredth of what the sets took.
TEST_F(TinySets, GiveEverythingBack) {
  link_all();
  unload_all_in_random_order();
  sets.shrink_to_fit();
  session->trim();
  EXPECT_EQ(session->memory_use().block_count, 0u);
  if (kShadowMemory) return;
  EXPECT_LE(address_map().size(), mapping_count + 4);
  EXPECT_LT(resident_size(), resident + (2u << 20));
}

// The hundredth that stays, chosen at random, has a page of records and tables each at most.
TEST_F(TinySets, UnloadingRaisesNothingAndTrimmingGivesBack) {
  link_all();
  const std::uint64_t all = resident_size() - resident;
  std::shuffle(sets.begin(), sets.end(), std::mt19937(7));
  for (std::size_t left = sets.size(); left > kSetCount / 100; --left) sets.pop_back();
  if (kShadowMemory) return;
  EXPECT_LT(resident_size() - resident, all + (3u << 20));  // pages that are mapped a second time, a few
  session->trim();
  EXPECT_LT(resident_size() - resident, all / 2);
  for (std::size_t i = sets.size(); i < kSetCount; ++i) sets.push_back(must(session->link(private_set(object))));
  EXPECT_LT(resident_size() - resident, all + (1u << 20));
}

// As many again find the memory of the first.
TEST_F(TinySets, MemoryOfUnloadedOnesIsUsedAgain) {
  link_all();
  const std::size_t mappings = address_map().size();
  unload_all_in_random_order();
  const std::uint64_t before = resident_size();
  link_all();
  unload_all_in_random_order();
  if (kShadowMemory) return;
  EXPECT_LE(address_map().size(), mappings + 4);
  EXPECT_LT(resident_size(), before + (1u << 20));
}

}  // namespace
}  // namespace enfold::test
