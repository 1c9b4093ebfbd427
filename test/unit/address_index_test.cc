// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The index from addresses to ranges: what was inserted is found, what was taken out is not, and what is still read is
// not freed.
#include "runtime/address_index.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <new>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace enfold::test {
namespace {

using runtime::AddressIndex;

std::atomic<std::uint64_t> freed_count{0}, last_freed{0};

// One for all tests: an index is never destroyed. Each test uses addresses of its own.
AddressIndex& index() {
  static constinit AddressIndex the([](std::uint64_t value) {
    ++freed_count;
    last_freed = value;
  });
  return the;
}

std::uint64_t at(std::uint64_t address) {
  std::uint64_t found = 0;
  index().find(address, [&](const AddressRange&, std::uint64_t value) {
    found = value;
    return true;
  });
  return found;
}

std::uint64_t tag_at(std::uint64_t address) {
  std::uint64_t found = 0;
  index().find_tag(address, [&](const AddressRange&, std::uint64_t tag) {
    found = tag;
    return true;
  });
  return found;
}

std::set<std::uint64_t> all_at(std::uint64_t address) {
  std::set<std::uint64_t> found;
  index().find(address, [&](const AddressRange& range, std::uint64_t value) {
    EXPECT_TRUE(range.lo <= address && address < range.hi);
    found.insert(value);
    return false;
  });
  return found;
}

TEST(AddressIndex, KnowsNothingAtFirst) {
  EXPECT_EQ(at(0), 0u);
  EXPECT_EQ(at(0x7f12'3456'7890), 0u);
  EXPECT_EQ(at(~std::uint64_t{0}), 0u);
}

TEST(AddressIndex, FindsFromTheFirstByteToTheLast) {
  const AddressRange range{0x1000'0010, 0x1000'0030};
  index().insert(range, 7);
  EXPECT_EQ(at(range.lo), 7u);
  EXPECT_EQ(at(range.hi - 1), 7u);
  EXPECT_EQ(at(range.lo - 1), 0u);
  EXPECT_EQ(at(range.hi), 0u);
  index().erase(range, 7);
  EXPECT_EQ(at(range.lo), 0u);
}

// Of every size about the borders of cells, of what counts as wide, and of regions.
TEST(AddressIndex, FindsRangesOfEverySize) {
  constexpr std::uint64_t kBase = 0x20'0000'0000, kRegion = 1 << 20, kCell = 1 << 10;
  const std::uint64_t wide = 32 * kCell;
  for (const std::uint64_t size : {std::uint64_t{1}, kCell - 1, kCell, kCell + 1, wide - 1, wide, wide + 1,
                                   wide + kCell + 1, kRegion - 1, kRegion, kRegion + 1, 5 * kRegion + 3}) {
    for (const std::uint64_t offset : {std::uint64_t{0}, kCell - 1, kRegion - 1, kRegion - kCell - 1}) {
      const AddressRange range{kBase + offset, kBase + offset + size};
      index().insert(range, 1);
      for (std::uint64_t step = 0; step < size; step += std::max<std::uint64_t>(1, size / 97)) {
        ASSERT_EQ(at(range.lo + step), 1u) << size << " bytes at " << offset;
      }
      EXPECT_EQ(at(range.hi - 1), 1u);
      EXPECT_EQ(at(range.lo - 1), 0u);
      EXPECT_EQ(at(range.hi), 0u);
      index().erase(range, 1);
      EXPECT_EQ(at(range.lo), 0u);
      EXPECT_EQ(at(range.hi - 1), 0u);
    }
  }
}

TEST(AddressIndex, SeveralMayHaveOneRange) {
  const AddressRange range{0x3000'0000, 0x3000'0100};
  for (std::uint64_t value : {1u, 2u, 3u}) index().insert(range, value);
  index().insert({0x3000'0040, 0x3000'0050}, 4);
  EXPECT_EQ(all_at(0x3000'0044), (std::set<std::uint64_t>{1, 2, 3, 4}));
  index().erase(range, 2);
  EXPECT_EQ(all_at(0x3000'0044), (std::set<std::uint64_t>{1, 3, 4}));
  for (std::uint64_t value : {1u, 3u}) index().erase(range, value);
  index().erase({0x3000'0040, 0x3000'0050}, 4);
  EXPECT_TRUE(all_at(0x3000'0044).empty());
}

TEST(AddressIndex, FindsATagWhereverItsRangeIs) {
  const AddressRange small{0x3100'0000, 0x3100'0100}, wide{0x3200'0000, 0x3290'0000};
  for (const AddressRange& range : {small, wide}) {
    for (const bool inserted : {false, true}) {
      if (inserted) index().insert(range, 7);
      index().tag(range, 70);
      for (const std::uint64_t address : {range.lo, range.hi - 1}) {
        EXPECT_EQ(tag_at(address), 70u);
        EXPECT_EQ(at(address), inserted ? 7u : 0u);
      }
      EXPECT_EQ(tag_at(range.lo - 1), 0u);
      EXPECT_EQ(tag_at(range.hi), 0u);
      index().untag(range, 71);  // nobody's
      EXPECT_EQ(tag_at(range.lo), 70u);
      index().untag(range, 70);
      EXPECT_EQ(tag_at(range.lo), 0u);
      EXPECT_EQ(tag_at(range.hi - 1), 0u);
      EXPECT_EQ(at(range.hi - 1), inserted ? 7u : 0u);
    }
    index().erase(range, 7);
  }
}

TEST(AddressIndex, TagsOfOneRangeAreApart) {
  const AddressRange range{0x3300'0000, 0x3300'0100};
  index().insert(range, 7);
  index().tag(range, 70);
  index().tag(range, 71);
  index().untag(range, 70);
  EXPECT_EQ(tag_at(range.lo), 71u);
  index().untag(range, 71);
  EXPECT_EQ(tag_at(range.lo), 0u);
  const std::uint64_t before = freed_count;
  index().erase(range, 7);
  EXPECT_EQ(freed_count, before + 1) << "of tags nobody is told";
}

TEST(AddressIndex, ATagGoesWithItsRange) {
  const AddressRange range{0x3400'0000, 0x3400'0100};
  index().insert(range, 7);
  index().tag(range, 70);
  index().erase(range, 7);
  EXPECT_EQ(tag_at(range.lo), 0u);
  index().untag(range, 70);
}

TEST(AddressIndex, RangesBeyondItsReachAreNotKept) {
  const AddressRange far{std::uint64_t{1} << 50, (std::uint64_t{1} << 50) + 16};
  index().insert(far, 1);
  EXPECT_EQ(at(far.lo), 0u);
  index().erase(far, 1);
}

TEST(AddressIndex, AgreesWithAPlainListOfRandomRanges) {
  struct Entry {
    AddressRange range;
    std::uint64_t value;
  };
  std::vector<Entry> live;
  std::mt19937_64 random(11);
  constexpr std::uint64_t kBase = 0x40'0000'0000, kSpan = 8 << 20;
  for (std::uint64_t round = 1; round < 4000; ++round) {
    if (live.size() > 50 && random() % 2 == 0) {
      std::swap(live[random() % live.size()], live.back());
      index().erase(live.back().range, live.back().value);
      live.pop_back();
    } else {
      const std::uint64_t lo = kBase + random() % kSpan, size = 1 + (random() % (std::uint64_t{1} << (random() % 22)));
      live.push_back({{lo, lo + size}, round});
      index().insert(live.back().range, round);
    }
    const std::uint64_t address = kBase + random() % kSpan;
    std::set<std::uint64_t> expected;
    for (const Entry& e : live) {
      if (e.range.lo <= address && address < e.range.hi) expected.insert(e.value);
    }
    ASSERT_EQ(all_at(address), expected);
  }
  for (const Entry& e : live) index().erase(e.range, e.value);
}

TEST(AddressIndex, WhatIsInsertedInPartIsNotThere) {
  const AddressRange first{0x4800'0000, 0x4800'1000};
  const auto insert = [&] {
    index().insert_all([&](auto&& visit) { visit(first), throw std::bad_alloc(); }, 5);
  };
  EXPECT_THROW(insert(), std::bad_alloc);
  EXPECT_EQ(at(first.lo), 0u);
  index().insert(first, 6);  // of the nodes that came back
  EXPECT_EQ(all_at(first.lo), (std::set<std::uint64_t>{6}));
  EXPECT_EQ(at(first.hi - 1), 6u);
  index().erase(first, 6);
}

TEST(AddressIndex, TellsWhatIsFreedAtOnceWhenNobodyReads) {
  const std::uint64_t before = freed_count;
  const AddressRange ranges[] = {{0x5000'0000, 0x5000'0010}, {0x5100'0000, 0x5110'0000}};
  index().insert_all([&](auto&& visit) { std::ranges::for_each(ranges, visit); }, 42);
  EXPECT_EQ(freed_count, before);
  index().erase_all([&](auto&& visit) { for (const AddressRange& range : ranges) visit(range); }, 42);
  EXPECT_EQ(freed_count, before + 1);
  EXPECT_EQ(last_freed, 42u);
}

TEST(AddressIndex, WhatIsReadIsFreedLater) {
  const AddressRange range{0x6000'0000, 0x6000'0010};
  index().insert(range, 5);
  const std::uint64_t before = freed_count;
  std::atomic<bool> reading{false}, go_on{false};
  std::thread reader([&] {
    index().find(range.lo, [&](const AddressRange&, std::uint64_t) {
      reading = true;
      while (!go_on) std::this_thread::yield();
      return true;
    });
  });
  while (!reading) std::this_thread::yield();
  index().erase(range, 5);
  EXPECT_EQ(freed_count, before) << "somebody still reads it";
  EXPECT_EQ(at(range.lo), 0u) << "but nobody finds it";
  go_on = true;
  reader.join();
  index().insert(range, 6);
  index().erase(range, 6);
  EXPECT_EQ(freed_count, before + 2) << "it goes with the next";
}

TEST(AddressIndex, IsReadWhileOthersChangeIt) {
  constexpr std::uint64_t kBase = 0x70'0000'0000, kSlots = 64;
  std::atomic<bool> done{false};
  std::atomic<std::uint64_t> wrong{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&, i] {
      std::mt19937_64 random(static_cast<unsigned>(i));
      while (!done) {
        const std::uint64_t slot = random() % kSlots;
        index().find(kBase + slot * 48 + 8, [&](const AddressRange& range, std::uint64_t value) {
          if (value != slot + 1 || range.lo != kBase + slot * 48) ++wrong;
          return true;
        });
      }
    });
  }
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&, i] {
      std::mt19937_64 random(static_cast<unsigned>(i + 100));
      for (int n = 0; n < 20'000; ++n) {
        const std::uint64_t slot = (random() % (kSlots / 2)) * 2 + static_cast<unsigned>(i);  // each its own
        const AddressRange range{kBase + slot * 48, kBase + slot * 48 + 48};
        index().insert(range, slot + 1);
        index().erase(range, slot + 1);
      }
    });
  }
  for (std::size_t i = 2; i < threads.size(); ++i) threads[i].join();
  done = true;
  for (std::size_t i = 0; i < 2; ++i) threads[i].join();
  EXPECT_EQ(wrong, 0u);
}

// Another thread is amid an insert, or reads, when the process forks: the child goes on all the same.
TEST(AddressIndex, AChildOfAForkGoesOn) {
  std::atomic<bool> done{false};
  std::thread other([&] {
    const AddressRange range{0x8000'0000, 0x8000'0100};
    while (!done) {
      index().insert(range, 9);
      static_cast<void>(at(range.lo));
      index().erase(range, 9);
    }
  });
  int failures = 0;
  for (int i = 0; i < 50; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::alarm(300);
      const std::uint64_t before = freed_count;
      const AddressRange range{0x9000'0000, 0x9000'0100};
      index().insert(range, 3);
      const bool found = at(range.lo) == 3;
      for (int n = 0; n < 3; ++n) {
        index().erase(range, 3);
        index().insert(range, 3);
      }
      ::_exit(found && freed_count > before ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    failures += status != 0;
  }
  done = true;
  other.join();
  EXPECT_EQ(failures, 0);
}

}  // namespace
}  // namespace enfold::test
