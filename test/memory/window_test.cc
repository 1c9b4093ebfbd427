// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "memory/window.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "memory/range.h"

namespace enfold::memory {
namespace {

constexpr std::uint64_t kPage = 4096;
constexpr AddressRange kAll{0, 1ull << 60};

TEST(Window, AllocatesFirstFit) {
  Window window({0x100000, 0x110000});
  EXPECT_EQ(window.allocate(kAll, kPage, kPage), (AddressRange{0x100000, 0x101000}));
  EXPECT_EQ(window.allocate(kAll, kPage, kPage), (AddressRange{0x101000, 0x102000}));
}

TEST(Window, ReusesWhatWasFreed) {
  Window window({0x100000, 0x110000});
  const auto first = window.allocate(kAll, kPage, kPage);
  ASSERT_TRUE(window.allocate(kAll, kPage, kPage));
  window.free(*first);
  EXPECT_EQ(window.allocate(kAll, kPage, kPage), first);
}

TEST(Window, JoinsFreedNeighbours) {
  Window window({0x100000, 0x104000});
  std::vector<AddressRange> runs;
  for (int i = 0; i < 4; ++i) runs.push_back(*window.allocate(kAll, kPage, kPage));
  for (const int i : {0, 2, 1, 3}) window.free(runs[static_cast<std::size_t>(i)]);
  EXPECT_EQ(window.allocate(kAll, 4 * kPage, kPage), window.range());
}

TEST(Window, HonoursAlignment) {
  Window window({0x101000, 0x200000});
  EXPECT_EQ(window.allocate(kAll, kPage, 0x10000), (AddressRange{0x110000, 0x111000}));
  EXPECT_EQ(window.allocate(kAll, kPage, kPage), (AddressRange{0x101000, 0x102000}));
}

TEST(Window, StaysInsideTheBounds) {
  Window window({0x100000, 0x200000});
  EXPECT_EQ(window.allocate({0x180000, 0x182000}, 2 * kPage, kPage), (AddressRange{0x180000, 0x182000}));
  EXPECT_FALSE(window.allocate({0x180000, 0x182000}, kPage, kPage));
  EXPECT_FALSE(window.find({0x300000, 0x400000}, kPage, kPage));
}

TEST(Window, RefusesMoreThanItHas) {
  Window window({0x100000, 0x102000});
  EXPECT_FALSE(window.allocate(kAll, 3 * kPage, kPage));
  EXPECT_EQ(window.live_count(), 0u);
}

TEST(Window, RunsNeverOverlapUnderRandomUse) {
  Window window({0x100000, 0x100000 + 256 * kPage});
  std::mt19937 random(7);
  std::vector<AddressRange> live;
  for (int round = 0; round < 20000; ++round) {
    if (random() % 2 == 0) {
      const auto run = window.allocate(kAll, (1 + random() % 9) * kPage, kPage << (random() % 3));
      if (!run) continue;
      for (const AddressRange& other : live) ASSERT_EQ(size_of(intersect(*run, other)), 0u);
      ASSERT_TRUE(contains(window.range(), *run));
      live.push_back(*run);
    } else if (!live.empty()) {
      std::swap(live[random() % live.size()], live.back());
      window.free(live.back());
      live.pop_back();
    }
  }
  for (const AddressRange& run : live) window.free(run);
  EXPECT_EQ(window.live_count(), 0u);
  EXPECT_EQ(window.find(kAll, 256 * kPage, kPage), window.range());
}

// First fit, found by looking at every page.
TEST(Window, AgreesWithAModel) {
  constexpr std::uint64_t kPages = 300;
  constexpr std::uint64_t kStart = 0x100000;
  Window window({kStart, kStart + kPages * kPage});
  std::vector<bool> used(kPages);
  const auto model = [&](std::uint64_t lo, std::uint64_t hi, std::uint64_t size, std::uint64_t alignment) {
    for (std::uint64_t at = lo; at + size <= hi; ++at) {
      if ((kStart / kPage + at) % alignment != 0) continue;
      const auto begin = used.begin() + static_cast<std::ptrdiff_t>(at);
      if (std::find(begin, begin + static_cast<std::ptrdiff_t>(size), true) ==
          begin + static_cast<std::ptrdiff_t>(size)) {
        return kStart + at * kPage;
      }
    }
    return std::uint64_t{0};
  };
  std::mt19937 random(3);
  std::vector<AddressRange> live;
  for (int round = 0; round < 20000; ++round) {
    if (!live.empty() && random() % 100 < 49) {
      std::swap(live[random() % live.size()], live.back());
      window.free(live.back());
      for (std::uint64_t a = live.back().lo; a < live.back().hi; a += kPage) used[(a - kStart) / kPage] = false;
      live.pop_back();
      continue;
    }
    const std::uint64_t size = 1 + random() % (random() % 5 == 0 ? 40 : 4);
    const std::uint64_t alignment = 1u << random() % 4;
    const std::uint64_t lo = random() % 3 == 0 ? random() % 200 : 0;
    const auto got = window.allocate({kStart + lo * kPage, kStart + kPages * kPage}, size * kPage, alignment * kPage);
    ASSERT_EQ(got ? got->lo : 0, model(lo, kPages, size, alignment)) << "round " << round;
    if (!got) continue;
    for (std::uint64_t a = got->lo; a < got->hi; a += kPage) used[(a - kStart) / kPage] = true;
    EXPECT_FALSE(window.is_free(got->lo));
    live.push_back(*got);
  }
}

}  // namespace
TEST(Window, GrowsByWhatLiesBehindIt) {
  Window window({0x100000, 0x102000});
  const auto first = window.allocate(kAll, 2 * kPage, kPage);
  EXPECT_FALSE(window.allocate(kAll, kPage, kPage));
  window.make_room();
  window.extend({0x102000, 0x104000});
  EXPECT_EQ(window.range(), (AddressRange{0x100000, 0x104000}));
  EXPECT_EQ(window.allocate(kAll, 2 * kPage, kPage), (AddressRange{0x102000, 0x104000}));
  window.free(*first);
  EXPECT_EQ(window.allocate(kAll, kPage, kPage), (AddressRange{0x100000, 0x101000}));
}

}  // namespace enfold::memory
