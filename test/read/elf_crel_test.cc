// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compact relocations, written out by hand: what each byte means, and what cannot be read.
#include "read/elf_crel.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <vector>

namespace enfold::read {
namespace {

struct Decoded {
  Arena arena;
  CompactRelocations found;

  explicit Decoded(const std::vector<int>& section) {
    std::vector<std::byte> bytes;
    for (const int b : section) bytes.push_back(static_cast<std::byte>(b));
    found = read_crel(Bytes(bytes), arena);
  }
};

constexpr int kAddends = 4;
constexpr int count(int n) { return n << 3 | kAddends; }

void expect_record(const Elf64_Rela& r, std::uint64_t offset, std::uint64_t symbol, std::uint64_t type,
                   std::int64_t addend) {
  EXPECT_EQ(r.r_offset, offset);
  EXPECT_EQ(ELF64_R_SYM(r.r_info), symbol);
  EXPECT_EQ(ELF64_R_TYPE(r.r_info), type);
  EXPECT_EQ(r.r_addend, addend);
}

TEST(Crel, ARecordIsWhatItDiffersBy) {
  const Decoded d(std::vector<int>{count(3), 3 << 3 | 7, 2, 4, 0x7c, 0x80 | 1 << 3 | 1, 2, 0x7f, 4 << 3});
  ASSERT_EQ(d.found.fault, nullptr);
  ASSERT_EQ(d.found.records.size(), 3u);
  expect_record(d.found.records[0], 3, 2, 4, -4);
  expect_record(d.found.records[1], 3 + 1 + (2 << 4), 1, 4, -4);
  expect_record(d.found.records[2], 3 + 1 + (2 << 4) + 4, 1, 4, -4);
}

TEST(Crel, OffsetsCountInUnits) {
  const Decoded d(std::vector<int>{count(2) | 3, 1 << 3 | 2, 1, 2 << 3});
  ASSERT_EQ(d.found.records.size(), 2u);
  expect_record(d.found.records[0], 8, 0, 1, 0);
  expect_record(d.found.records[1], 24, 0, 1, 0);
}

// As a word's difference does: 8, then 0.
TEST(Crel, OffsetsMayGoBack) {
  const Decoded d(
      std::vector<int>{count(2), 8 << 3, 0x80 | 8 << 3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f});
  ASSERT_EQ(d.found.records.size(), 2u) << d.found.fault;
  expect_record(d.found.records[1], 0, 0, 0, 0);
}

TEST(Crel, LongNumbers) {
  const Decoded d(std::vector<int>{count(1), 7,    0xff, 0xff, 0xff, 0xff, 0x0f, 0x81, 0x80, 0x00,
                                   0x80,     0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f});
  ASSERT_EQ(d.found.records.size(), 1u) << d.found.fault;
  expect_record(d.found.records[0], 0, 0xffff'ffff, 1, INT64_MIN);
}

TEST(Crel, NoneAtAll) {
  EXPECT_EQ(Decoded(std::vector<int>{count(0)}).found.fault, nullptr);
  EXPECT_EQ(Decoded(std::vector<int>{0}).found.fault, nullptr);
}

TEST(Crel, AddendsInTheFieldsAreNotRead) {
  EXPECT_TRUE(Decoded(std::vector<int>{1 << 3, 0}).found.implicit_addends);
  EXPECT_FALSE(Decoded(std::vector<int>{count(1), 0}).found.implicit_addends);
}

TEST(Crel, WhatCannotBeReadIsAFault) {
  const std::initializer_list<std::vector<int>> sections = {
      {},                                                                            // no header
      {0x80, 0x80},                                                                  // that does not end
      {0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02},                  // beyond 64 bits
      {count(2), 0},                                                                 // fewer than are said
      {0xfc, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0},               // all there could be
      {count(1), 0, 0},                                                              // more bytes
      {count(1), 0x80},                                                              // an offset that does not end
      {count(1), 1},                                                                 // a symbol that is not there
      {count(1), 2, 0x80},                                                           // a type that does not end
      {count(1), 4, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01},     // an addend beyond 64 bits
      {count(1), 1, 0x80, 0x80, 0x80, 0x80, 0x20},                                   // a symbol beyond 32 bits
      {count(1), 0x80, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01},  // an offset beyond 64 bits
  };
  for (const std::vector<int>& section : sections) {
    const Decoded d(section);
    EXPECT_NE(d.found.fault, nullptr) << testing::PrintToString(section);
    EXPECT_TRUE(d.found.records.empty());
    EXPECT_LE(d.found.fault_at, section.size());
  }
}

}  // namespace
}  // namespace enfold::read
