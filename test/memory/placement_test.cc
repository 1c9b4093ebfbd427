// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Address maps made by hand, so that neighbourhoods that are full, far or odd can be had anywhere.
#include "memory/placement.h"

#include <gtest/gtest.h>

#include "memory/range.h"

namespace enfold::memory {
namespace {

using Kind = Constraint::Kind;

constexpr std::uint64_t kMiB = 1 << 20;
constexpr std::uint64_t kGiB = 1 << 30;
constexpr std::uint64_t kReach = 1ull << 31;
constexpr std::uint64_t kLibc = 0x7f0000000000;

Mapping library(std::uint64_t lo, std::uint64_t size, std::string path) {
  return {.range = {lo, lo + size}, .readable = true, .path = std::move(path)};
}

AddressMap map_of(std::vector<Mapping> mappings) {
  return {.mappings = std::move(mappings), .lowest = 0x10000, .limits = {.stack = 8 * kMiB}};
}

TEST(Reachable, BothEndsReachBothEndsOfTheAnchor) {
  const AddressRange anchor{kLibc, kLibc + 4 * kMiB};
  const auto allowed = reachable(anchor, kReach);
  ASSERT_TRUE(allowed);
  EXPECT_LT(anchor.hi - allowed->lo, kReach);
  EXPECT_LT(allowed->hi - anchor.lo, kReach);
}

TEST(Reachable, LeavesAMarginForAddends) {
  const AddressRange anchor{kLibc, kLibc + 4 * kMiB};
  const auto allowed = reachable(anchor, kReach);
  ASSERT_TRUE(allowed);
  EXPECT_EQ(anchor.hi - allowed->lo, kReach - 16 * kMiB);
}

TEST(Reachable, DoesNotWrapBelowZero) {
  const auto allowed = reachable({0x400000, 0x500000}, kReach);
  ASSERT_TRUE(allowed);
  EXPECT_EQ(allowed->lo, 0u);
}

TEST(Reachable, NothingReachesAllOfALargerAnchor) { EXPECT_FALSE(reachable({kLibc, kLibc + kReach}, kReach)); }

TEST(LibraryHull, TakesInLibcsNeighbours) {
  const AddressMap map =
      map_of({library(kLibc - 8 * kMiB, kMiB, "/lib/libm.so.6"), library(kLibc, kMiB, "/lib/libc.so.6"),
              library(kLibc + 8 * kMiB, kMiB, "/lib/ld-linux-x86-64.so.2")});
  EXPECT_EQ(library_hull(map, kReach, 0), (AddressRange{kLibc - 8 * kMiB, kLibc + 9 * kMiB}));
}

TEST(LibraryHull, LeavesOutDistantLibraries) {
  const AddressMap map =
      map_of({library(kLibc - 3 * kGiB, kMiB, "/lib/libfar.so"), library(kLibc, kMiB, "/lib/libc.so.6")});
  EXPECT_EQ(library_hull(map, kReach, 0), (AddressRange{kLibc, kLibc + kMiB}));
}

TEST(LibraryHull, ShrinksWithTheReach) {
  const AddressMap map =
      map_of({library(kLibc - 100 * kMiB, kMiB, "/lib/libbig.so"), library(kLibc, kMiB, "/lib/libc.so.6")});
  EXPECT_EQ(library_hull(map, kReach, 0), (AddressRange{kLibc - 100 * kMiB, kLibc + kMiB}));
  EXPECT_EQ(library_hull(map, 1ull << 27, 0), (AddressRange{kLibc, kLibc + kMiB}));
}

TEST(LibraryHull, OtherFilesAreNoLibraries) {
  const AddressMap map =
      map_of({library(kLibc - 8 * kMiB, kMiB, "/var/data.sock"), library(kLibc, kMiB, "/lib/libc.so.6"),
              library(kLibc + 8 * kMiB, kMiB, "/usr/lib/locale/C.utf8/LC_CTYPE")});
  EXPECT_EQ(library_hull(map, kReach, 0), (AddressRange{kLibc, kLibc + kMiB}));
}

TEST(LibraryHull, ASecondLibcElsewhereDoesNotStretchIt) {
  const AddressMap map =
      map_of({library(kLibc - 8 * kGiB, kMiB, "/lib/libc.so.6"), library(kLibc, kMiB, "/lib/libc.so.6")});
  const auto hull = library_hull(map, kReach, 0);
  ASSERT_TRUE(hull);
  EXPECT_EQ(size_of(*hull), kMiB);
}

TEST(LibraryHull, OfAStaticExecutableIsTheExecutable) {
  const AddressMap map = map_of({library(0x400000, kMiB, "/bin/prog"), library(0x600000, kMiB, "/bin/prog")});
  EXPECT_EQ(library_hull(map, kReach, 0x400010), (AddressRange{0x400000, 0x700000}));
}

TEST(DefaultSizes, AWindowReachesItself) {
  EXPECT_EQ(default_sizes(Kind::kNearLibraries, kReach, 1).wanted, kGiB);
  EXPECT_EQ(default_sizes(Kind::kNearLibraries, kReach, 1).least, 64 * kMiB);
  EXPECT_EQ(default_sizes(Kind::kNearLibraries, 1ull << 27, 1).wanted, 64 * kMiB);
  EXPECT_EQ(default_sizes(Kind::kNearLibraries, 1ull << 40, 1).wanted, kGiB);
  EXPECT_EQ(default_sizes(Kind::kLow, 0, 1).wanted, 256 * kMiB);
}

SiteRequest near_libc(std::uint64_t span) {
  SiteRequest request = default_sizes(Kind::kNearLibraries, kReach, span);
  request.anchor = {kLibc, kLibc + 4 * kMiB};
  request.allowed = *reachable(request.anchor, kReach);
  return request;
}

AddressMap process() {
  return map_of({library(0x550000000000, 4 * kMiB, "/bin/prog"),
                 library(kLibc, 4 * kMiB, "/lib/libc.so.6"),
                 {.range = {kLibc + 0x80000000, kLibc + 0x80020000}, .path = "[stack]"}});
}

TEST(ChooseSite, JustBelowTheAnchor) {
  const auto site = choose_site(process(), near_libc(1));
  EXPECT_EQ(site, (AddressRange{kLibc - 2 * kMiB - kGiB, kLibc - 2 * kMiB}));
}

TEST(ChooseSite, AboveTheAnchorWhenThereIsNoRoomBelow) {
  AddressMap map = process();
  map.mappings.insert(map.mappings.begin() + 1, library(kLibc - 4 * kGiB, 4 * kGiB, ""));
  const auto site = choose_site(map, near_libc(1));
  EXPECT_EQ(site, (AddressRange{kLibc + 6 * kMiB, kLibc + 6 * kMiB + kGiB}));
}

TEST(ChooseSite, HalvesUntilItFits) {
  AddressMap map = process();
  map.mappings.insert(map.mappings.begin() + 1, library(kLibc - 4 * kGiB, 4 * kGiB - 300 * kMiB, ""));
  map.mappings.insert(map.mappings.end() - 1, library(kLibc + 8 * kMiB, 1916 * kMiB, ""));
  const auto site = choose_site(map, near_libc(1));
  ASSERT_TRUE(site);
  EXPECT_EQ(size_of(*site), 256 * kMiB);
}

TEST(ChooseSite, GoesBelowTheLeastWhenTheSetNeedsNoMore) {
  AddressMap map = process();
  map.mappings.insert(map.mappings.begin() + 1, library(kLibc - 4 * kGiB, 4 * kGiB - 20 * kMiB, ""));
  map.mappings.insert(map.mappings.end() - 1, library(kLibc + 8 * kMiB, 1916 * kMiB, ""));
  const auto site = choose_site(map, near_libc(1));
  ASSERT_TRUE(site);
  EXPECT_EQ(size_of(*site), kWindowUnit);
}

TEST(ChooseSite, RefusesAFullNeighbourhood) {
  AddressMap map = process();
  map.mappings.insert(map.mappings.begin() + 1, library(kLibc - 4 * kGiB, 4 * kGiB, ""));
  map.mappings.insert(map.mappings.end() - 1, library(kLibc + 4 * kMiB, 1916 * kMiB, ""));
  EXPECT_FALSE(choose_site(map, near_libc(1)));
}

TEST(ChooseSite, ALargeSetGetsItsOwnSize) {
  const auto site = choose_site(process(), near_libc(kGiB + 5));
  ASSERT_TRUE(site);
  EXPECT_EQ(size_of(*site), kGiB + kWindowUnit);
}

TEST(ChooseSite, RefusesASetThatReachesNotAllOfTheAnchor) { EXPECT_FALSE(choose_site(process(), near_libc(3 * kGiB))); }

TEST(ChooseSite, TakesAtMostHalfOfWhatTheLimitLeaves) {
  AddressMap map = process();
  map.limits.address_space = map.mapped_size() + 700 * kMiB;
  const auto site = choose_site(map, near_libc(1));
  ASSERT_TRUE(site);
  EXPECT_EQ(size_of(*site), 256 * kMiB);
}

TEST(ChooseSite, TakesAllOfTheLimitWhenTheSetNeedsIt) {
  AddressMap map = process();
  map.limits.address_space = map.mapped_size() + 700 * kMiB;
  const auto site = choose_site(map, near_libc(600 * kMiB));
  ASSERT_TRUE(site);
  EXPECT_EQ(size_of(*site), 600 * kMiB);
}

TEST(ChooseSite, RefusesWhatTheLimitForbids) {
  AddressMap map = process();
  map.limits.address_space = map.mapped_size() + 700 * kMiB;
  EXPECT_FALSE(choose_site(map, near_libc(800 * kMiB)));
}

}  // namespace
}  // namespace enfold::memory
