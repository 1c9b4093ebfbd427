// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "memory/address_map.h"

#include <gtest/gtest.h>

#include "memory/range.h"
#include "support.h"

namespace enfold::memory {
namespace {

constexpr std::uint64_t kMiB = 1 << 20;

AddressMap map_of(std::vector<Mapping> mappings) {
  return {.mappings = std::move(mappings), .lowest = 0x10000, .limits = {.stack = 8 * kMiB}};
}

TEST(ParseMappings, ReadsRangePermissionsAndPath) {
  const auto mappings =
      parse_mappings("7fac7e1ad000-7fac7e303000 r-xp 00026000 fe:00 332835                     /usr/lib/libc.so.6\n");
  ASSERT_EQ(mappings.size(), 1u);
  const Mapping expected{
      .range = {0x7fac7e1ad000, 0x7fac7e303000}, .readable = true, .executable = true, .path = "/usr/lib/libc.so.6"};
  EXPECT_EQ(mappings[0], expected);
}

TEST(ParseMappings, KeepsSpacesInPaths) {
  const auto mappings = parse_mappings("1000-2000 rw-s 00000000 00:01 1034    /dev/shm/my file (deleted)\n");
  ASSERT_EQ(mappings.size(), 1u);
  EXPECT_EQ(mappings[0].path, "/dev/shm/my file (deleted)");
  EXPECT_TRUE(mappings[0].shared);
}

TEST(ParseMappings, AnonymousMappingHasNoPath) {
  const auto mappings = parse_mappings("1000-2000 rw-p 00000000 00:00 0 \n");
  ASSERT_EQ(mappings.size(), 1u);
  EXPECT_EQ(mappings[0].path, "");
}

TEST(ParseMappings, LeavesOutVsyscall) {
  EXPECT_TRUE(parse_mappings("ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0  [vsyscall]\n").empty());
}

TEST(ParseMappings, SkipsWhatItDoesNotUnderstand) {
  const auto mappings =
      parse_mappings("nonsense\n\n1000\n2000-1000 rw-p\n1000-2000 rw\n3000-4000 r--p 0 0:0 0\n5000-6000");
  ASSERT_EQ(mappings.size(), 1u);
  EXPECT_EQ(mappings[0].range, (AddressRange{0x3000, 0x4000}));
}

TEST(ParseMappings, ReadsTheLastLineWithoutNewline) {
  EXPECT_EQ(parse_mappings("1000-2000 rw-p 00000000 00:00 0").size(), 1u);
}

TEST(ReadAddressMap, FindsThisTestsOwnCodeAndStack) {
  auto map = read_address_map(host_system());
  ASSERT_TRUE(map) << map.error().text();
  const int local = 0;
  const Mapping* code = mapping_at(map->mappings, reinterpret_cast<std::uint64_t>(&map_of));
  const Mapping* stack = mapping_at(map->mappings, reinterpret_cast<std::uint64_t>(&local));
  ASSERT_NE(code, nullptr);
  ASSERT_NE(stack, nullptr);
  EXPECT_TRUE(code->executable);
  EXPECT_TRUE(stack->writable);
}

TEST(ReadAddressMap, ReadsMapsOfManyPages) {
  // Alternating protections keep the kernel from merging neighbours: some 100 KiB of text, read in pieces.
  constexpr std::uint64_t kCount = 1500;
  auto map = read_address_map(host_system());
  ASSERT_TRUE(map) << map.error().text();
  const std::uint64_t page = host_system().page_size();
  std::uint64_t base = 0;
  for (const AddressRange gap : map->gaps()) {
    if (size_of(gap) > 2 * kCount * page) base = align_up(gap.lo, page);
  }
  ASSERT_NE(base, 0u);
  for (std::uint64_t i = 0; i < kCount; ++i) {
    const std::uint64_t lo = base + 2 * i * page;
    ASSERT_EQ(host_system().map({lo, lo + page}, 0, 0x22 | 0x100000, -1, 0), 0);  // private, anonymous, no replace
  }
  auto more = read_address_map(host_system());
  for (std::uint64_t i = 0; i < kCount; ++i) {
    const std::uint64_t lo = base + 2 * i * page;
    EXPECT_EQ(host_system().unmap({lo, lo + page}), 0);
  }
  ASSERT_TRUE(more) << more.error().text();
  EXPECT_GE(more->mappings.size(), map->mappings.size() + kCount - 2);
}

TEST(Gaps, KeepAGuardOnBothSides) {
  const AddressMap map = map_of({{.range = {0x1000000, 0x2000000}}, {.range = {0x8000000, 0x9000000}}});
  const std::vector<AddressRange> expected{{0x10000, 0xf00000}, {0x2100000, 0x7f00000}};
  EXPECT_EQ(map.gaps(), expected);
}

TEST(Gaps, TooNarrowOnesAreNone) {
  const AddressMap map = map_of({{.range = {0x10000, 0x2000000}}, {.range = {0x2100000, 0x2200000}}});
  EXPECT_TRUE(map.gaps().empty());
}

TEST(Gaps, LeaveTheStackRoomToGrow) {
  const std::uint64_t stack = 0x7ffd00000000;
  const AddressMap map =
      map_of({{.range = {0x10000, 0x7fac00000000}}, {.range = {stack, stack + 0x21000}, .path = "[stack]"}});
  ASSERT_EQ(map.gaps().size(), 1u);
  EXPECT_EQ(map.gaps()[0].hi, stack - 129 * kMiB);
}

TEST(Gaps, LeaveALargerStackMoreRoom) {
  const std::uint64_t stack = 0x7ffd00000000;
  AddressMap map =
      map_of({{.range = {0x10000, 0x7fac00000000}}, {.range = {stack, stack + 0x21000}, .path = "[stack]"}});
  map.limits.stack = 512 * kMiB;
  EXPECT_EQ(map.gaps()[0].hi, stack - 513 * kMiB);
  map.limits.stack = kUnlimited;
  EXPECT_EQ(map.gaps()[0].hi, stack - 1025 * kMiB);
}

TEST(Gaps, LeaveTheHeapRoomToGrow) {
  const AddressMap map =
      map_of({{.range = {0x400000, 0x1000000}, .path = "[heap]"}, {.range = {0x7f000000, 0x7f100000}}});
  EXPECT_EQ(map.gaps().back().lo, 0x1000000 + 256 * kMiB);
}

TEST(Gaps, LeaveRoomAboveABreakThatHasNoHeapYet) {
  AddressMap map = map_of({{.range = {0x400000, 0x500000}}, {.range = {0x7f000000, 0x7f100000}}});
  map.program_break = 0x1800000;
  EXPECT_EQ(map.gaps().back().lo, 0x1800000 + 256 * kMiB);
}

TEST(Gaps, ABreakElsewhereTakesNothing) {
  AddressMap map = map_of({{.range = {0x400000, 0x500000}}, {.range = {0x7f000000, 0x7f100000}}});
  map.program_break = 0x100000000;
  EXPECT_EQ(map.gaps().back().lo, 0x600000u);
}

}  // namespace
}  // namespace enfold::memory
