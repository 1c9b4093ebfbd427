// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "memory/bring_in.h"

#include <cerrno>
#include <cstdint>
#include <cstring>

#include <gtest/gtest.h>

#include <sys/mman.h>

#include "support.h"

namespace enfold::memory {
namespace {

constexpr std::uint64_t kKiB = 1 << 10, kMiB = 1 << 20;

// A reservation of 16 MiB that begins at a large page; what a test calls the block is writable.
struct BringIn : testing::Test {
  BringIn() {
    void* got = ::mmap(nullptr, 18 * kMiB, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    mapped = reinterpret_cast<std::uint64_t>(got);
    base = align_up(mapped, kLargePage);
  }
  ~BringIn() override { ::munmap(reinterpret_cast<void*>(mapped), 18 * kMiB); }

  AddressRange part(std::uint64_t lo, std::uint64_t hi) const { return {base + lo, base + hi}; }

  // The block from `lo` to `hi`, in a run up to the next large page; `written` of it from its start on.
  int bring(std::uint64_t lo, std::uint64_t hi, std::uint64_t written) {
    block = part(lo, hi);
    EXPECT_EQ(host_system().protect(block, PROT_READ | PROT_WRITE), 0);
    return bring_in_block(system, part(lo, lo + written), block, {block.lo, align_up(block.hi, kLargePage)});
  }

  std::uint64_t resident(AddressRange range) const {
    std::uint64_t count = 0;
    for (std::uint64_t at = range.lo; at < range.hi; at += system_page) {
      unsigned char page = 0;
      EXPECT_EQ(::mincore(reinterpret_cast<void*>(at), system_page, &page), 0);
      count += page & 1U;
    }
    return count * system_page;
  }

  bool is_accessible(std::uint64_t address) const {
    const Expected<AddressMap> map = read_address_map(host_system());
    for (const Mapping& mapping : map->mappings) {
      if (mapping.range.lo <= address && address < mapping.range.hi) return mapping.readable || mapping.writable;
    }
    return false;
  }

  void write(AddressRange range) const {
    std::memset(reinterpret_cast<void*>(range.lo), 1, size_of(range));
  }

  const std::uint64_t system_page = host_system().page_size();
  WatchedSystem system;
  std::uint64_t mapped = 0, base = 0;
  AddressRange block{};
};

TEST_F(BringIn, WhatIsWrittenIsThere) {
  EXPECT_EQ(bring(0, 256 * kKiB, 128 * kKiB), 0);
  EXPECT_EQ(resident(part(0, 128 * kKiB)), 128 * kKiB);
  EXPECT_EQ(resident(part(128 * kKiB, 2 * kMiB)), 0U);
}

TEST_F(BringIn, TheSpareOfALargePageGoesBack) {
  EXPECT_EQ(bring(0, 1 * kMiB, 900 * kKiB), 0);
  write(part(0, 900 * kKiB));
  EXPECT_EQ(resident(part(0, 900 * kKiB)), 900 * kKiB);
  EXPECT_EQ(resident(part(900 * kKiB, 4 * kMiB)), 0U);
}

TEST_F(BringIn, WhatLiesOutsideTheBlockHasNoAccess) {
  EXPECT_EQ(bring(0, 1 * kMiB, 900 * kKiB), 0);
  EXPECT_TRUE(is_accessible(block.hi - 1));
  EXPECT_FALSE(is_accessible(block.hi));
}

TEST_F(BringIn, ZeroFilledMemoryIsZeroAndUntouched) {
  EXPECT_EQ(bring(0, 3 * kMiB, 800 * kKiB), 0);
  EXPECT_EQ(resident(part(800 * kKiB, 3 * kMiB)), 0U);
  const auto* zeros = reinterpret_cast<const unsigned char*>(base + 800 * kKiB);
  for (std::uint64_t i = 0; i < 3 * kMiB - 800 * kKiB; i += 512) ASSERT_EQ(zeros[i], 0);
}

TEST_F(BringIn, AllOfALargeOneMayBeWritten) {
  EXPECT_EQ(bring(0, 7 * kMiB, 5 * kMiB + 800 * kKiB), 0);
  write(part(0, 5 * kMiB + 800 * kKiB));
  EXPECT_EQ(resident(part(0, 5 * kMiB + 800 * kKiB)), 5 * kMiB + 800 * kKiB);
  EXPECT_EQ(resident(part(6 * kMiB, 8 * kMiB)), 0U);
}

// Any call may fail: what cannot be had at once is had page by page; nothing is left writable beside the block.
TEST_F(BringIn, FailuresCostTimeAtMost) {
  bool failed = true;
  for (int n = 1; failed; ++n) {
    constexpr int kAnew = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED;
    ASSERT_EQ(host_system().map(part(0, 16 * kMiB), PROT_NONE, kAnew, -1, 0), 0);
    system.calls = 0;
    system.fail_from = n;
    system.failure = ENOMEM;
    const int result = bring(0, 3 * kMiB, 2 * kMiB + 800 * kKiB);
    failed = system.calls >= n;
    if (result == 0) {
      EXPECT_FALSE(is_accessible(block.hi)) << n;
    }
    write(part(0, 2 * kMiB + 800 * kKiB));
  }
}

}  // namespace
}  // namespace enfold::memory
