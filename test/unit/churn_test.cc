// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sets that come and go for a long time leave nothing behind: no memory, no mapping, no open file.
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>

#include <gtest/gtest.h>

#include "support.h"
#include "watch.h"

namespace enfold::test {
namespace {

constexpr int kCycles = kShadowMemory ? 500 : 100'000, kWarmUp = kShadowMemory ? 50 : 2'000;

struct Held {
  std::uint64_t resident = 0;  // bytes
  std::size_t mapping_count = 0, file_count = 0;
};

Held held() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t total = 0, pages = 0;
  statm >> total >> pages;
  const auto files = std::filesystem::directory_iterator("/proc/self/fd");
  return {.resident = pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)),
          .mapping_count = address_map().size(),
          .file_count = static_cast<std::size_t>(std::distance(begin(files), end(files)))};
}

// A leak of the smallest piece malloc gives, 32 bytes, in each cycle would be 3 MiB; caches of allocators that the
// warm-up did not fill, and pages of the stack, are far below 1 MiB. Mappings may differ by what a window borders on.
void expect_flat(const Held& before, const Held& after) {
  EXPECT_EQ(after.file_count, before.file_count);
  if (kShadowMemory) return;
  EXPECT_LE(after.mapping_count, before.mapping_count + 2);
  EXPECT_LT(after.resident, before.resident + (1u << 20));
}

// The kernel makes large pages of small ones when it finds the time, and each makes up to 2 MiB more resident.
class WithoutLargePages {
 public:
  WithoutLargePages() { prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0); }
  WithoutLargePages(const WithoutLargePages&) = delete;
  WithoutLargePages& operator=(const WithoutLargePages&) = delete;
  ~WithoutLargePages() { prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0); }
};

template <class Cycle>
void expect_flat_over(Cycle&& cycle) {
  const WithoutLargePages small_ones;
  for (int i = 0; i < kWarmUp; ++i) cycle();
  const Held before = held();
  for (int i = 0; i < kCycles; ++i) cycle();
  expect_flat(before, held());
}

TEST(Churn, LinkingAndUnloadingLeavesNothing) {
  const auto session = must(Session::create());
  const ObjectBytes object = c_object("static int n = 41; int answer(void) { return ++n; }");
  expect_flat_over([&] {
    LinkedSet set = must(session->link(set_of(object)));
    if (call<int()>(set, "answer") != 42) throw std::runtime_error("not the answer");
    must(set.unload());
  });
}

TEST(Churn, SetsThatUseAndShareLeaveNothing) {
  const auto session = new_session();
  const LinkedSet base = must(session->link(private_set(c_object("int base(void) { return 40; }"))));
  const ObjectBytes object = c_object(
      "int base(void); int getpid(void); int user(void) { return base() + 2; }\n"
      "int pid(void) { return getpid(); }",
      "-O1 -fno-plt");
  ObjectSet first_input = private_set(object);
  first_input.use(base);
  first_input.options().relax = false;
  const LinkedSet first = must(session->link(std::move(first_input)));
  expect_flat_over([&] {
    ObjectSet set = private_set(object);
    set.use(base);
    set.share_with(first);
    set.options().relax = false;
    const LinkedSet user = must(session->link(std::move(set)));
    if (user.usage().shared_slot_count == 0) throw std::runtime_error("nothing was shared");
  });
  EXPECT_EQ(base.users().size(), 1u);
}

TEST(Churn, FailedLinksLeaveNothing) {
  const auto session = must(Session::create());
  const LinkedSet base = must(session->link(set_of(c_object("int base(void) { return 1; }"))));
  const ObjectBytes undefined = c_object("int base(void), nobody(void); int f(void) { return base() + nobody(); }");
  const ObjectBytes duplicate = c_object("int base(void) { return 2; }");
  expect_flat_over([&] {
    if (session->link(set_of(undefined)) || session->link(set_of(duplicate))) throw std::runtime_error("linked");
  });
}

// As under replacement by hand: the next set is there before the last one goes.
TEST(Churn, RollingSetsLeaveNothing) {
  const auto session = must(Session::create());
  const ObjectBytes object = c_object("int answer(void) { return 42; }");
  std::optional<LinkedSet> live;
  expect_flat_over([&] { live = must(session->link(private_set(object))); });
}

}  // namespace
}  // namespace enfold::test
