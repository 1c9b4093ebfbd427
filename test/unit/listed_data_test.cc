// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Variables of sets as dl_iterate_phdr() lists them, seen by a walk of the kind that conservative collectors make.
#include <link.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "fakes.h"
#include "support.h"
#include "watch.h"

namespace enfold::test {
namespace {

struct Segment {
  std::uint64_t lo = 0, hi = 0;
  bool holds(std::uint64_t address) const { return address >= lo && address < hi; }
};

// Writable segments of one walk.
struct Listing {
  std::vector<Segment> all, of_sets;
  std::set<std::pair<unsigned long long, unsigned long long>> counts;  // of what came and went, as entries have them
  std::function<void(const dl_phdr_info&)> then;

  unsigned long long adds() const { return counts.begin()->first; }
  unsigned long long subs() const { return counts.begin()->second; }
  int holding(std::uint64_t address) const {
    return static_cast<int>(std::ranges::count_if(all, [&](const Segment& s) { return s.holds(address); }));
  }
};

bool is_of_sets(const dl_phdr_info& info) { return std::string_view(info.dlpi_name) == "[enfold data]"; }

int note(dl_phdr_info* info, std::size_t size, void* data) {
  Listing& listing = *static_cast<Listing*>(data);
  EXPECT_EQ(size, sizeof *info);
  listing.counts.insert({info->dlpi_adds, info->dlpi_subs});
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& header = info->dlpi_phdr[i];
    if (header.p_type != PT_LOAD || (header.p_flags & PF_W) == 0) continue;
    const Segment segment{info->dlpi_addr + header.p_vaddr, info->dlpi_addr + header.p_vaddr + header.p_memsz};
    listing.all.push_back(segment);
    if (is_of_sets(*info)) listing.of_sets.push_back(segment);
  }
  if (listing.then) listing.then(*info);
  return 0;
}

Listing list(std::function<void(const dl_phdr_info&)> then = {}) {
  Listing listing;
  listing.then = std::move(then);
  dl_iterate_phdr(note, &listing);
  EXPECT_EQ(listing.counts.size(), 1u) << "entries of one walk have different counts";
  return listing;
}

// Whether any word of a writable segment is that pointer, which is given with its bits inverted: it lies nowhere else.
#if defined(__clang__)
[[clang::no_sanitize("address", "thread")]]
#else
[[gnu::no_sanitize("address", "thread")]]
#endif
bool leads_to(const Segment& segment, std::uint64_t inverted) {
  for (std::uint64_t at = segment.lo; at < segment.hi; at += sizeof at) {
    if (~*reinterpret_cast<const volatile std::uint64_t*>(at) == inverted) return true;
  }
  return false;
}

bool is_reachable(std::uint64_t inverted) {
  return std::ranges::any_of(list().of_sets, [&](const Segment& s) { return leads_to(s, inverted); });
}

std::unique_ptr<Session> listing_session(MemoryKind kind = MemoryKind::kAutomatic, bool list_data = true) {
  SessionOptions options;
  options.memory = must(make_memory(kind));
  options.list_data = list_data;
  return must(Session::create(std::move(options)));
}

std::uint64_t address(const LinkedSet& set, const char* symbol) { return value(must(set.address(symbol))); }

constexpr const char kRoot[] = "void *root; void keep(unsigned long inverted) { root = (void*)~inverted; }";

class ListedData : public testing::TestWithParam<MemoryKind> {};
INSTANTIATE_TEST_SUITE_P(Kinds, ListedData,
                         testing::Values(MemoryKind::kAliased, MemoryKind::kForced, MemoryKind::kStrict),
                         [](const auto& input) { return std::string(name(input.param)); });

TEST_P(ListedData, LeadsCollectorsToWhatOnlyASetHolds) {
  constexpr std::uint64_t kInverted = 0x0123'4567'89ab'cdef;
  for (const bool list_data : {false, true}) {
    const auto session = listing_session(GetParam(), list_data);
    LinkedSet set = must(session->link(private_set(c_object(kRoot))));
    EXPECT_FALSE(is_reachable(kInverted));
    call<void(std::uint64_t)>(set, "keep", kInverted);
    EXPECT_EQ(is_reachable(kInverted), list_data);
    EXPECT_EQ(list().holding(address(set, "root")), list_data ? 1 : 0);
    must(set.unload());
    EXPECT_FALSE(is_reachable(kInverted));
  }
}

TEST_P(ListedData, OfManySetsIsInFewSegments) {
  constexpr std::size_t kCount = 1000;
  const auto session = listing_session(GetParam());
  const ObjectBytes object = c_object(kRoot);
  const Listing before = list();
  std::vector<LinkedSet> sets;
  for (std::size_t i = 0; i < kCount; ++i) sets.push_back(must(session->link(private_set(object))));
  const Listing during = list();
  EXPECT_EQ(during.adds(), before.adds() + kCount);
  EXPECT_EQ(during.subs(), before.subs());
  for (const LinkedSet& set : sets) ASSERT_EQ(during.holding(address(set, "root")), 1);
  if (GetParam() != MemoryKind::kStrict) {
    EXPECT_LE(during.of_sets.size(), before.of_sets.size() + 4);
  }
  // Every other one goes: the others are listed as before.
  for (std::size_t i = 0; i < kCount; i += 2) must(sets[i].unload());
  const Listing half = list();
  for (std::size_t i = 1; i < kCount; i += 2) ASSERT_EQ(half.holding(address(sets[i], "root")), 1);
  EXPECT_EQ(half.subs(), before.subs() + kCount / 2);
  must(session->unload_all());
  EXPECT_EQ(list().of_sets.size(), before.of_sets.size());
  EXPECT_EQ(list().subs(), before.subs() + kCount);
}

TEST_P(ListedData, OfLargeSetsIsTheirWholeSegment) {
  const auto session = listing_session(GetParam());
  const LinkedSet set = must(session->link(private_set(c_object("char zeros[1 << 20]; int first = 1;"))));
  const Listing during = list();
  EXPECT_EQ(during.holding(address(set, "zeros")), 1);
  EXPECT_EQ(during.holding(address(set, "zeros") + (1 << 20) - 1), 1);
  EXPECT_EQ(during.holding(address(set, "first")), 1);
}

TEST(ListedDataOfProcess, HasSharedObjectsOnceAndConstantsNever) {
  const auto session = listing_session();
  ObjectSet shared = private_set(c_object(kRoot));
  shared.options().as_shared_object = true;
  const LinkedSet object = must(session->link(std::move(shared)));
  EXPECT_EQ(list().holding(address(object, "root")), 1);
  EXPECT_TRUE(list().of_sets.empty());
  const LinkedSet constant = must(session->link(private_set(c_object("const int table[] = {1, 2};"))));
  EXPECT_TRUE(list().of_sets.empty());
}

TEST(ListedDataOfProcess, KnowsNewVersionsAndTheVariablesThatTheyKeep) {
  const auto session = listing_session();
  ObjectSet first = set_of(c_object("void *root; int version(void) { return 1; }"));
  first.options().replaceable = Replaceable::kByOthers;
  LinkedSet set = must(session->link(std::move(first)));
  const std::uint64_t root = address(set, "root");
  LinkedSet old = must(session->replace(
      set, set_of(c_object("void *root; int version(void) { return 2; }")), {.keep_state = true}));
  EXPECT_EQ(address(set, "root"), root);
  EXPECT_EQ(list().holding(root), 1);
  { const LinkedSet gone = std::move(old); }
  EXPECT_EQ(list().holding(root), 1) << "the new version keeps it";
}

// A walk in a walk, a link and an unload in a walk.
TEST(ListedDataOfProcess, MayChangeInACallback) {
  const auto session = listing_session(MemoryKind::kStrict);
  std::vector<LinkedSet> sets;
  for (int i = 0; i < 40; ++i) sets.push_back(must(session->link(private_set(c_object(kRoot)))));
  const std::uint64_t kept = address(sets.front(), "root");
  int entries = 0;
  const Listing listing = [&] {
    Listing walked;
    walked.then = [&](const dl_phdr_info& info) {
      if (!is_of_sets(info)) return;
      ++entries;
      EXPECT_EQ(list().holding(kept), 1);
      sets.pop_back();
      const LinkedSet another = must(session->link(private_set(c_object(kRoot))));
      EXPECT_EQ(list().holding(address(another, "root")), 1);
    };
    dl_iterate_phdr(note, &walked);
    return walked;
  }();
  EXPECT_GE(entries, 1);
  EXPECT_EQ(listing.holding(kept), 1);
}

TEST(ListedDataOfProcess, IsFreeWhenACallbackThrowsOrStops) {
  const auto session = listing_session();
  const LinkedSet set = must(session->link(private_set(c_object(kRoot))));
  EXPECT_THROW(list([](const dl_phdr_info& info) {
                 if (is_of_sets(info)) throw 1;
               }),
               int);
  EXPECT_THROW(list([](const dl_phdr_info&) { throw 1; }), int);
  const auto stop = [](dl_phdr_info* info, std::size_t, void*) { return is_of_sets(*info) ? 7 : 0; };
  EXPECT_EQ(dl_iterate_phdr(stop, nullptr), 7);
  std::jthread([&] { const LinkedSet another = must(session->link(private_set(c_object(kRoot)))); }).join();
}

TEST(ListedDataOfProcess, IsListedInAChildThatWasForkedInACallback) {
  const auto session = listing_session();
  const LinkedSet set = must(session->link(private_set(c_object(kRoot))));
  pid_t child = -1;
  list([&](const dl_phdr_info& info) {
    if (is_of_sets(info) && child == -1) child = fork();
  });
  if (child == 0) {
    alarm(60);
    const LinkedSet another = must(session->link(private_set(c_object(kRoot))));
    _exit(list().holding(address(another, "root")) == 1 ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST(ListedDataOfProcess, NeedsARuntimeThatLists) {
  SessionOptions options;
  options.runtime = std::make_shared<FakeRuntime>();
  options.list_data = true;
  const Error error = error_of(Session::create(std::move(options)));
  EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
  EXPECT_FALSE(error.cure().empty());
}

// The same as elsewhere: whatever fails, nothing stays.
TEST(ListedDataOfProcess, IsTakenBackWhenALinkFails) {
  for (int n = 1; n < 100; ++n) {
    Watch watch;
    SessionOptions options = watched(watch);
    options.list_data = true;
    const auto session = must(Session::create(std::move(options)));
    watch.fail_at = n;
    {
      Expected<LinkedSet> set =
          session->link(private_set(c_object("extern void *__dso_handle; void *root = &__dso_handle;")));
      const bool met = watch.call_count >= n;
      watch.fail_at = 0;
      ASSERT_EQ(set.has_value(), !met);
      if (set) {
        EXPECT_EQ(watch.data_ranges, 1);
        must(set->unload());
        EXPECT_TRUE(watch.nothing_held());
        return;
      }
    }
    EXPECT_TRUE(watch.nothing_held()) << watch.failing;
    EXPECT_TRUE(list().of_sets.empty()) << watch.failing;
  }
  FAIL() << "too many calls";
}

}  // namespace
}  // namespace enfold::test
