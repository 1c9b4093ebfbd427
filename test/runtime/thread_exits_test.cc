// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Destructors of thread-locals, with sets that were made without a link.
#include "runtime/thread_exits.h"

#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "runtime/publish.h"
#include "session_state.h"
#include "thread_support.h"

namespace enfold {
namespace {

using test::in_new_thread;
using test::Worker;

std::string& events() {
  static std::string& text = *new std::string;
  return text;
}

void note(void* event) { events() += static_cast<const char*>(event); }

// Notes when a set's last part is given back: a library of that name is closed.
class NotingRuntime final : public RuntimeHooks {
 public:
  std::optional<HostSymbol> find(void*, const std::string&) override { return std::nullopt; }
  Expected<void*> open_library(const std::string&, bool) override { return nullptr; }
  void close_library(void* library) noexcept override { note(library); }
  void* find_loaded_library(const std::string&) override { return nullptr; }
  Expected<void> register_frames(const FrameTables&) override { return {}; }
  void deregister_frames(const FrameTables&) noexcept override {}
  TargetAddr resolve_indirect(TargetAddr) override { return {}; }
  Expected<void> at_exit(void (*)(void*), void*, TargetAddr) override { return {}; }
  void finalize(TargetAddr handle) override { finalise_at_exit(reinterpret_cast<SetRecord*>(value(handle))); }
  void call_initializer(TargetAddr, int, char**, char**) override {}
  void call_finalizer(TargetAddr function) override { reinterpret_cast<void (*)()>(value(function))(); }
};

class ThreadExitsTest : public testing::Test {
 protected:
  ThreadExitsTest() {
    events().clear();
    SessionOptions options;
    options.runtime = std::make_shared<NotingRuntime>();
    state_ = std::make_shared<Session::State>(std::move(options));
  }

  // Its handle is its record's address. Its going is noted as `event`.
  std::shared_ptr<SetRecord> make(const char* event, const std::shared_ptr<SetRecord>& provider = nullptr) {
    auto set = std::make_shared<SetRecord>();
    set->session = state_;
    set->name = event;
    Course& course = set->make_course();
    course.handles.push_back(TargetAddr{reinterpret_cast<std::uint64_t>(set.get())});
    course.libraries.push_back(const_cast<char*>(event));
    set->exit_registered = true;
    if (provider) set->make_ties().dependencies.push_back({.provider = provider, .uses = {}});
    enlist_thread_exits(*set);
    EXPECT_TRUE(publish(*set));
    return set;
  }

  static void at_thread_exit(const std::shared_ptr<SetRecord>& set, const char* event) {
    EXPECT_EQ(runtime::register_thread_exit(note, const_cast<char*>(event), set.get()), 0);
  }

  std::shared_ptr<Session::State> state_;
};

TEST_F(ThreadExitsTest, RunAtTheEndOfTheirThreadLastFirst) {
  const auto set = make("!");
  in_new_thread([&] {
    at_thread_exit(set, "a");
    at_thread_exit(set, "b");
  });
  EXPECT_EQ(events(), "ba");
  ASSERT_TRUE(unload(set));
  EXPECT_EQ(events(), "ba!");
}

TEST_F(ThreadExitsTest, OfOthersGoToTheCLibrary) {
  const auto set = make("!");
  static char handle = 0;
  in_new_thread([&] {
    at_thread_exit(set, "a");
    char b[] = "b";
    static char kept[2];
    kept[0] = b[0];
    EXPECT_EQ(runtime::register_thread_exit(note, kept, &handle), 0);
    at_thread_exit(set, "c");
  });
  EXPECT_EQ(events(), "cba");
  ASSERT_TRUE(unload(set));
}

TEST_F(ThreadExitsTest, UnloadingRunsTheCallersBeforeFinalisersAndLeavesOtherSetsAlone) {
  const auto set = make("!"), other = make("?");
  void (*finaliser)() = [] { events() += 'f'; };
  set->course->finalisers.push_back(TargetAddr{reinterpret_cast<std::uint64_t>(finaliser)});
  Worker worker;
  worker.run([&] {
    at_thread_exit(set, "a");
    at_thread_exit(other, "x");
    at_thread_exit(set, "b");
    EXPECT_TRUE(unload(set));
  });
  EXPECT_EQ(events(), "baf!");
  worker.end();
  EXPECT_EQ(events(), "baf!x");
  ASSERT_TRUE(unload(other));
}

TEST_F(ThreadExitsTest, ASetStaysUntilTheLastOtherThreadHasRunIts) {
  const auto set = make("!");
  Worker a, b;
  a.run([&] { at_thread_exit(set, "a"); });
  b.run([&] {
    at_thread_exit(set, "b");
    at_thread_exit(set, "c");
  });
  ASSERT_TRUE(unload(set));
  EXPECT_EQ(events(), "");
  EXPECT_EQ(set->phase.load(), SetRecord::Phase::kUnloaded);
  EXPECT_FALSE(unload(set));
  b.end();
  EXPECT_EQ(events(), "cb");
  a.end();
  EXPECT_EQ(events(), "cba!");
  EXPECT_FALSE(set->course);
}

TEST_F(ThreadExitsTest, WhatAWaitingSetDependsOnStays) {
  const auto provider = make("P");
  const auto user = make("U", provider);
  Worker worker;
  worker.run([&] { at_thread_exit(user, "u"); });
  ASSERT_TRUE(unload(user));
  const auto refused = unload(provider);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kInUse);
  drop(provider);  // goes with its last user
  EXPECT_EQ(events(), "");
  worker.end();
  EXPECT_EQ(events(), "uUP");
}

TEST_F(ThreadExitsTest, UnloadingAllLeavesWhatWaitingSetsNeed) {
  const auto provider = make("P");
  const auto user = make("U", provider);
  const auto third = make("T");
  Worker worker;
  worker.run([&] { at_thread_exit(user, "u"); });
  ASSERT_TRUE(unload_all(*state_));
  EXPECT_EQ(events(), "T");
  worker.end();
  EXPECT_EQ(events(), "TuUP");
}

TEST_F(ThreadExitsTest, BothMayWait) {
  const auto provider = make("P");
  const auto user = make("U", provider);
  Worker a, b;
  a.run([&] { at_thread_exit(user, "u"); });
  b.run([&] { at_thread_exit(provider, "p"); });
  ASSERT_TRUE(unload_all(*state_));
  a.end();
  EXPECT_EQ(events(), "uU");
  b.end();
  EXPECT_EQ(events(), "uUpP");
}

// The destructor of one thread-local is the first to use another, or unloads sets.
struct Chain {
  ThreadExitsTest* test = nullptr;
  std::shared_ptr<SetRecord> set, unloaded;
};

void go_on(void* argument) {
  auto& chain = *static_cast<Chain*>(argument);
  events() += '1';
  static char last[] = "2";
  runtime::register_thread_exit(note, last, chain.set.get());
  if (chain.unloaded) {
    EXPECT_TRUE(unload(std::exchange(chain.unloaded, nullptr)));
  }
}

TEST_F(ThreadExitsTest, MayRegisterMoreAndUnloadOthers) {
  Chain chain{.set = make("!"), .unloaded = make("?")};
  in_new_thread([&] { runtime::register_thread_exit(go_on, &chain, chain.set.get()); });
  EXPECT_EQ(events(), "1?2");
  chain.unloaded = make("%");
  in_new_thread([&] {
    runtime::register_thread_exit(go_on, &chain, chain.set.get());
    EXPECT_TRUE(unload(chain.set));
  });
  EXPECT_EQ(events(), "1?21%2!");
}

TEST_F(ThreadExitsTest, MayUnloadTheirOwnSetsUser) {
  Chain chain{.set = make("!"), .unloaded = nullptr};
  in_new_thread([&] {
    at_thread_exit(chain.set, "z");
    chain.unloaded = chain.set;
    runtime::register_thread_exit(go_on, &chain, chain.set.get());
  });
  EXPECT_EQ(events(), "12z!");
}

TEST_F(ThreadExitsTest, ManyReloadsInOneThreadKeepMemoryFlat) {
  in_new_thread([&] {
    std::size_t settled = 0;
    for (int i = 0; i < 50'000; ++i) {
      const auto set = make("");
      at_thread_exit(set, "");
      ASSERT_TRUE(unload(set));
      if (i == 1'000) settled = test::resident_pages();
    }
    EXPECT_LT(test::resident_pages(), settled + 500);
  });
}

TEST_F(ThreadExitsTest, AForksChildWaitsForNoThreadThatItDoesNotHave) {
  const auto waiting = make("W"), live = make("L"), own = make("O");
  Worker worker;
  worker.run([&] {
    at_thread_exit(waiting, "w");
    at_thread_exit(live, "l");
  });
  at_thread_exit(own, "o");
  ASSERT_TRUE(unload(waiting));
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const bool done = unload(live) && unload(own);
    _exit(done && events() == "WLoO" ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(events(), "");
  worker.end();
  EXPECT_EQ(events(), "lwW");
  ASSERT_TRUE(unload(own));
  ASSERT_TRUE(unload(live));
}

TEST_F(ThreadExitsTest, AFailedLinksHandleIsForgotten) {
  auto set = make("!");
  ASSERT_TRUE(unload(set));
  const void* handle = set.get();
  in_new_thread([&] {
    static char late[] = "late";
    EXPECT_EQ(runtime::register_thread_exit(note, late, const_cast<void*>(handle)), 0);
  });
  EXPECT_EQ(events(), "!late");  // the C library's
}

TEST_F(ThreadExitsTest, ThreadsThatEndWhileTheirSetIsUnloaded) {
  for (int round = 0; round < 200; ++round) {
    events().clear();
    const auto set = make("!");
    std::vector<std::unique_ptr<Worker>> workers;
    for (int i = 0; i < 4; ++i) {
      workers.push_back(std::make_unique<Worker>());
      workers.back()->run([&] { EXPECT_EQ(runtime::register_thread_exit([](void*) {}, nullptr, set.get()), 0); });
    }
    std::thread ender([&] { workers.clear(); });
    EXPECT_TRUE(unload(set));
    ender.join();
    EXPECT_EQ(events(), "!");
    EXPECT_FALSE(set->course);
  }
}

}  // namespace
}  // namespace enfold
