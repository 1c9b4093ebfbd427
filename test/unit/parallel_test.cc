// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Large sets are written by several threads. How many, and which of them wrote what, must not show: neither in the
// image nor in the plan, the usage or the errors.
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <system_error>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "apply/write.h"
#include "diagnostics.h"
#include "fakes.h"
#include "support.h"
#include "workers.h"

namespace enfold::test {
namespace {

TEST(Parallel, ThreadsAreStartedForLargeSetsOnly) {
  constexpr std::uint64_t kMiB = 1 << 20;
  EXPECT_EQ(threads_worth(0, 0, 8), 1U);
  EXPECT_EQ(threads_worth(4 * kMiB - 1, 0, 8), 1U);
  EXPECT_EQ(threads_worth(4 * kMiB, 0, 8), 2U);
  EXPECT_EQ(threads_worth(0, kMiB, 8), 8U);
  EXPECT_EQ(threads_worth(1 << 30, 0, 3), 3U);
  EXPECT_EQ(threads_worth(1 << 30, 0, 1), 1U);
  EXPECT_EQ(threads_worth(std::uint64_t{1} << 46, 0, 0), available_threads());
}

Error numbered(int n) { return Error(ErrorCode::kOutOfRange, std::to_string(n)); }

TEST(Diagnostics, AreTheSameWhenPutTogetherFromParts) {
  Diagnostics whole, together;
  for (int part = 0, n = 0; part < 7; ++part) {
    Diagnostics found;
    for (int i = 0; i < part * 10; ++i, ++n) {
      whole.add(numbered(n));
      found.add(numbered(n));
    }
    together.append(std::move(found));
  }
  const auto expected = std::move(whole).result("wrong"), got = std::move(together).result("wrong");
  EXPECT_EQ(got.error().text(), expected.error().text());
  EXPECT_EQ(got.error().causes().size(), Diagnostics::kMost);
  EXPECT_EQ(got.error().message(), "210 wrong");
}

// Functions and a table of 1,500 addresses, all local; slots, stubs and rewritten instructions shared by all copies.
ObjectBytes many_relocations() {
  std::string source = "extern int near_data, far_data; int far_function(int), near_function(int);\n";
  std::string table;
  for (int i = 0; i < 50; ++i) {
    source += fmt::format(
        "static int f{0}(int n) {{ return far_function(n + {0}) + near_function(n) + near_data * far_data; }}\n", i);
    for (int j = 0; j < 30; ++j) table += fmt::format("f{},", (i * 7 + j) % 50);
  }
  return c_object(source + "__attribute__((used)) static int (*table[])(int) = {" + table + "};",
                  "-O1 -fPIC -ffunction-sections");
}

constexpr int kCopies = 350;  // worth 8 threads

ObjectSet large_set() {
  ObjectSet set("large");
  for (int i = 0; i < kCopies; ++i) set.add_bytes(many_relocations(), fmt::format("{}.o", i));
  set.add_bytes(c_object("int near_data = 3; int near_function(int n) { return n; }"), "near.o");
  return set;
}

SessionOptions far_process(std::shared_ptr<MemoryProvider> memory, unsigned thread_count) {
  auto runtime = std::make_shared<FakeRuntime>();
  runtime->symbols["far_data"] = {.address = TargetAddr{kFar}, .size = 4, .kind = HostSymbolKind::kData};
  runtime->symbols["far_function"] = {.address = TargetAddr{kFar + 16}, .kind = HostSymbolKind::kFunction};
  SessionOptions options;
  options.memory = std::move(memory);
  options.runtime = std::move(runtime);
  options.detail = Detail::kSections;
  options.thread_count = thread_count;
  return options;
}

std::string text_of(const Plan& plan) {
  std::string out = fmt::format("{} objects, {} sections, {} relocations, {} relaxed\n", plan.object_count,
                                plan.section_count, plan.relocation_count, plan.relaxed_count);
  for (const PlannedSegment& s : plan.segments) {
    out += fmt::format("{} {:#x} {} {} {} {}\n", name(s.protection), value(s.base), s.size, s.written_size,
                       s.slot_count, s.stub_count);
  }
  for (const PlannedNeed& n : plan.needs) {
    out += fmt::format("{} {} {} {} {}\n", name(n.kind), name(n.reason), n.symbol, n.use_count, n.first_use.object);
  }
  for (const PlannedSection& s : plan.sections) out += fmt::format("{} {} {:#x}\n", s.object, s.name, s.offset);
  for (const PlannedSymbol& s : plan.symbols) out += fmt::format("{} {:#x}\n", s.name, value(s.address));
  return out;
}

auto figures(const Usage& u) {
  return std::tuple(u.slot_count, u.stub_count, u.slot_size, u.stub_size, u.written_size, u.relaxed_count);
}

struct Outcome {
  std::vector<std::byte> image;
  std::string plan;
  Usage usage;
};

Outcome link_with(unsigned thread_count) {
  const auto memory = std::make_shared<FakeMemory>(kFakeBase);
  const auto session = must(Session::create(far_process(memory, thread_count)));
  const LinkedSet set = must(session->link(large_set()));
  Outcome outcome{{}, text_of(set.plan()), set.usage()};
  for (const PlannedSegment& segment : set.plan().segments) {
    const std::span<const std::byte> bytes = memory->at(value(segment.base), segment.written_size);
    outcome.image.insert(outcome.image.end(), bytes.begin(), bytes.end());
  }
  return outcome;
}

void expect_same(const Outcome& one, const Outcome& other) {
  EXPECT_TRUE(one.image == other.image);
  EXPECT_EQ(one.plan, other.plan);
  EXPECT_EQ(figures(one.usage), figures(other.usage));
}

TEST(Parallel, ImagePlanAndUsageAreThoseOfOneThread) {
  const Outcome one = link_with(1);
  EXPECT_GE(threads_worth(one.image.size(), kCopies * 1500, 8), 8U);
  EXPECT_EQ(one.usage.slot_count, 2U);  // of each far symbol
  EXPECT_EQ(one.usage.stub_count, 1U);
  EXPECT_GE(one.usage.relaxed_count, kCopies * 50U);
  for (const unsigned threads : {0U, 2U, 3U, 8U}) {
    SCOPED_TRACE(threads);
    expect_same(one, link_with(threads));
  }
}

std::string report_with(unsigned thread_count) {
  const ObjectBytes wrong = assembled(".text\n.short near_data - .\n.short near_data - .\n.byte near_data\n");
  ObjectSet set = large_set();
  for (int i = 0; i < kCopies; ++i) {
    set.add_bytes(many_relocations(), fmt::format("right{}.o", i));
    if (i % 50 == 17) set.add_bytes(wrong, fmt::format("wrong{}.o", i));
  }
  const auto session = must(Session::create(far_process(std::make_shared<FakeMemory>(kFakeBase), thread_count)));
  return error_of(session->link(std::move(set))).text();
}

// Objects cut short, and unwind information that is: found by whoever reads, told in the order of the inputs.
std::string reading_report_with(unsigned thread_count) {
  ObjectSet set = large_set();
  for (int i = 0; i < kCopies; ++i) {
    const ObjectBytes bytes = many_relocations();
    const bool cut = i % 50 == 17;
    set.add_bytes(cut ? bytes.first(bytes.size() / 2) : bytes, fmt::format("{}{}.o", cut ? "cut" : "whole", i));
  }
  const auto session = must(Session::create(far_process(std::make_shared<FakeMemory>(kFakeBase), thread_count)));
  return error_of(session->link(std::move(set))).text();
}

TEST(Parallel, ErrorsOfReadingAreThoseOfOneThread) {
  const std::string one = reading_report_with(1);
  EXPECT_TRUE(one.starts_with("7 errors: the inputs cannot be linked")) << one;
  EXPECT_LT(one.find("cut17.o"), one.find("cut67.o"));
  for (const unsigned threads : {2U, 8U}) EXPECT_EQ(reading_report_with(threads), one);
}

std::string unwind_report_with(unsigned thread_count) {
  const ObjectBytes wrong = assembled(".section .eh_frame,\"a\",@progbits\n.long 100\n.long 0\n");
  ObjectSet set = large_set();
  for (int i = 0; i < 5; ++i) set.add_bytes(wrong, fmt::format("unwind{}.o", i));
  const auto session = must(Session::create(far_process(std::make_shared<FakeMemory>(kFakeBase), thread_count)));
  return error_of(session->link(std::move(set))).text();
}

TEST(Parallel, ErrorsOfUnwindTablesAreThoseOfOneThread) {
  const std::string one = unwind_report_with(1);
  EXPECT_TRUE(one.starts_with("5 unwind sections cannot be used")) << one;
  EXPECT_LT(one.find("unwind0.o"), one.find("unwind4.o"));
  for (const unsigned threads : {2U, 8U}) EXPECT_EQ(unwind_report_with(threads), one);
}

TEST(Parallel, ErrorsAreThoseOfOneThread) {
  const std::string one = report_with(1);
  EXPECT_TRUE(one.starts_with("21 values do not fit their fields")) << one;
  EXPECT_LT(one.find("wrong17.o: .text+0x2"), one.find("wrong17.o: .text+0x4"));
  EXPECT_LT(one.find("wrong17.o"), one.find("wrong67.o"));
  for (const unsigned threads : {2U, 3U, 8U}) EXPECT_EQ(report_with(threads), one) << threads;
}

TEST(Parallel, ProgressIsToldOnTheLinkingThread) {
  SessionOptions options = far_process(std::make_shared<FakeMemory>(kFakeBase), 8);
  std::mutex mutex;
  std::set<std::thread::id> told;
  options.progress = [&](std::string_view, std::size_t, std::size_t) {
    const std::lock_guard lock(mutex);
    told.insert(std::this_thread::get_id());
  };
  must(must(Session::create(std::move(options)))->link(large_set()));
  EXPECT_EQ(told, std::set{std::this_thread::get_id()});
}

// Memory that notes which threads touch it first. The first one there waits for another: with one alone, writing never
// ends.
class WatchedMemory final : public MemoryProvider {
 public:
  WatchedMemory() {
    struct sigaction action = {};
    action.sa_sigaction = touched;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGSEGV, &action, &before_);
  }
  ~WatchedMemory() override {
    sigaction(SIGSEGV, &before_, nullptr);
    for (const auto& [memory, size] : mapped_) munmap(memory, size);
  }

  Expected<AddressRange> locate(const Constraint&, std::uint64_t) override { return kWindow; }
  Expected<Block> reserve(const Constraint&, AddressRange, std::span<const SegmentRequest> segments) override {
    Block block;
    block.extent = kWindow;
    std::uint64_t base = kFakeBase;
    for (const SegmentRequest& segment : segments) {
      const std::uint64_t size = segment.written_size + 1;
      void* memory = mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      mapped_.emplace_back(memory, size);
      block.segments.push_back({.base = TargetAddr{base},
                                .working = static_cast<std::byte*>(memory),
                                .size = segment.size,
                                .protection = segment.protection});
      base += (segment.size + 0xffff) & ~std::uint64_t{0xfff};
    }
    return block;
  }
  Expected<void> seal(Block&, SealStage) override { return {}; }
  void release(Block&) noexcept override {}

  static inline std::atomic<pid_t> first = 0, second = 0;

 private:
  static constexpr AddressRange kWindow{kFakeBase, kFakeBase + (1 << 30)};

  static void touched(int, siginfo_t* info, void*) {
    pid_t nobody = 0;
    const pid_t me = gettid();
    if (!first.compare_exchange_strong(nobody, me) && first != me) second = me;
    while (second == 0) sched_yield();
    const auto page = reinterpret_cast<std::uint64_t>(info->si_addr) & ~std::uint64_t{0xfff};
    if (mprotect(reinterpret_cast<void*>(page), 0x1000, PROT_READ | PROT_WRITE) != 0) _exit(1);
  }

  struct sigaction before_ = {};
  std::vector<std::pair<void*, std::size_t>> mapped_;
};

TEST(Parallel, SeveralThreadsWrite) {
  if (kShadowMemory) GTEST_SKIP() << "a sanitizer takes the faults";
  const auto session = must(Session::create(far_process(std::make_shared<WatchedMemory>(), 2)));
  must(session->link(large_set()));
  EXPECT_NE(WatchedMemory::first, WatchedMemory::second);
}

TEST(Parallel, LinksWhereNoThreadCanBeStarted) {
  if (kShadowMemory) GTEST_SKIP() << "a sanitizer looks at the stack's size first";
  const Outcome one = link_with(1);
  pthread_attr_t attributes, before;
  ASSERT_EQ(pthread_getattr_default_np(&before), 0);
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, std::size_t{1} << 47);  // all there is of addresses
  ASSERT_EQ(pthread_setattr_default_np(&attributes), 0);
  EXPECT_THROW(std::jthread([] {}), std::system_error);
  const Outcome eight = link_with(8);
  ASSERT_EQ(pthread_setattr_default_np(&before), 0);
  expect_same(one, eight);
}

}  // namespace
}  // namespace enfold::test
