// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// After fork() the child runs what was linked, and either side links, replaces and unloads without the other noticing.
#include <atomic>
#include <cstdlib>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../sanitizer.h"
#include "support.h"

namespace enfold::test {
namespace {

// One side tells the other that it may go on.
class Gate {
 public:
  Gate() { EXPECT_EQ(::pipe(ends_), 0); }
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;
  ~Gate() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  void open() { EXPECT_EQ(::write(ends_[1], "x", 1), 1); }
  void wait() {
    char c = 0;
    EXPECT_EQ(::read(ends_[0], &c, 1), 1);
  }

 private:
  int ends_[2] = {-1, -1};
};

// Runs `body` in a child, which ends with its result, and returns the child's number.
pid_t in_child(const std::function<bool()>& body) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  ::alarm(300);  // a lock held by a thread that is no more
  bool good = false;
  try {
    good = body();
  } catch (...) {
  }
  ::_exit(good ? 0 : 1);
}

int status_of(pid_t child) {
  int status = -1;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return status;
}

ObjectBytes answering(int n) {
  return c_object("int last; int answer(void) { return last = " + std::to_string(n) + "; }");
}

ObjectSet replaceable(int n) {
  ObjectSet set = private_set(answering(n), "r" + std::to_string(n));
  set.options().replaceable = Replaceable::kByOthers;
  return set;
}

class Fork : public testing::TestWithParam<MemoryKind> {
 protected:
  void SetUp() override {
#if defined(ENFOLD_TEST_THREAD_SANITIZER)
    GTEST_SKIP() << "ThreadSanitizer does not follow the threads of a child";
#endif
    SessionOptions options;
    options.memory = must(make_memory(GetParam()));
    session = must(Session::create(std::move(options)));
  }
  std::unique_ptr<Session> session;
  std::thread::id main_thread;
};

INSTANTIATE_TEST_SUITE_P(Kinds, Fork, testing::Values(MemoryKind::kAliased, MemoryKind::kForced, MemoryKind::kStrict),
                         [](const auto& input) { return std::string(name(input.param)); });

TEST_P(Fork, ChildRunsWhatTheParentUnloadsAndReuses) {
  const ObjectBytes one = answering(1), two = answering(2);
  std::vector<LinkedSet> sets;
  for (int i = 0; i < 50; ++i) sets.push_back(must(session->link(private_set(one))));
  Gate parent_is_done;
  const pid_t child = in_child([&] {
    parent_is_done.wait();
    for (const LinkedSet& set : sets) {
      if (call<int()>(set, "answer") != 1) return false;
    }
    return true;
  });
  sets.clear();
  std::vector<LinkedSet> others;
  for (int i = 0; i < 100; ++i) others.push_back(must(session->link(private_set(two))));
  parent_is_done.open();
  EXPECT_EQ(status_of(child), 0);
  for (const LinkedSet& set : others) EXPECT_EQ(call<int()>(set, "answer"), 2);
}

TEST_P(Fork, ParentRunsWhatTheChildUnloadsAndReuses) {
  const ObjectBytes one = answering(1), two = answering(2);
  std::vector<LinkedSet> sets;
  for (int i = 0; i < 50; ++i) sets.push_back(must(session->link(private_set(one))));
  const pid_t child = in_child([&] {
    sets.clear();
    std::vector<LinkedSet> others;
    for (int i = 0; i < 100; ++i) others.push_back(must(session->link(private_set(two))));
    for (const LinkedSet& set : others) {
      if (call<int()>(set, "answer") != 2) return false;
    }
    others.clear();
    session->trim();
    return session->memory_use().block_count == 0;
  });
  EXPECT_EQ(status_of(child), 0);
  for (const LinkedSet& set : sets) EXPECT_EQ(call<int()>(set, "answer"), 1);
}

// A constructor of a library waits for longer than the fork does, under the dynamic linker's lock.
TEST_P(Fork, WhileALibraryIsOpenedLeavesAChildThatSaysWhyItDoesNotLink) {
  const std::string library = shared_library(
      "#include <stdlib.h>\n#include <unistd.h>\n"
      "static int number(const char* name) { const char* text = getenv(name); return text ? atoi(text) : -1; }\n"
      "__attribute__((constructor)) static void up(void) {\n"
      "  char c = 0;\n"
      "  if (write(number(\"ENFOLD_TEST_IN\"), \"x\", 1) != 1) abort();\n"
      "  if (read(number(\"ENFOLD_TEST_GO\"), &c, 1) != 1) abort();\n"
      "}");
  int in[2], go[2];
  ASSERT_EQ(::pipe(in), 0);
  ASSERT_EQ(::pipe(go), 0);
  ::setenv("ENFOLD_TEST_IN", std::to_string(in[1]).c_str(), 1);
  ::setenv("ENFOLD_TEST_GO", std::to_string(go[0]).c_str(), 1);
  std::optional<LinkedSet> known = must(session->link(private_set(answering(1))));
  std::thread opener([&] {
    ObjectSet set = private_set(answering(2), "beside");
    set.add_file(library);
    EXPECT_EQ(call<int()>(must(session->link(std::move(set))), "answer"), 2);
  });
  char c = 0;
  ASSERT_EQ(::read(in[0], &c, 1), 1);
  const pid_t child = in_child([&] {
    const auto refused = session->link(private_set(answering(3)));
    const bool says_why = !refused && refused.error().code() == ErrorCode::kRuntime &&
                          refused.error().text().find("when this process was forked") != std::string::npos;
    const bool runs = call<int()>(*known, "answer") == 1;
    known.reset();
    return says_why && runs;
  });
  EXPECT_EQ(status_of(child), 0);
  ASSERT_EQ(::write(go[1], "x", 1), 1);
  opener.join();
  const pid_t later = in_child([&] {
    return call<int()>(must(session->link(private_set(answering(4)))), "answer") == 4;
  });
  EXPECT_EQ(status_of(later), 0);
  for (const int end : {in[0], in[1], go[0], go[1]}) ::close(end);
}

TEST_P(Fork, EachSideReplacesForItself) {
  LinkedSet set = must(session->link(replaceable(1)));
  auto* answer = function<int()>(set, "answer");
  const ObjectBytes warm[] = {answering(2), answering(3)};
  static_cast<void>(warm);
  Gate parent_is_done;
  const pid_t child = in_child([&] {
    parent_is_done.wait();
    if (answer() != 1) return false;
    must(session->replace(set, replaceable(2)));
    return answer() == 2;
  });
  must(session->replace(set, replaceable(3)));
  parent_is_done.open();
  EXPECT_EQ(status_of(child), 0);
  EXPECT_EQ(answer(), 3);
}

TEST_P(Fork, GrandchildrenLinkAndUnload) {
  const ObjectBytes one = answering(1), two = answering(2);
  const LinkedSet set = must(session->link(private_set(one)));
  const auto links = [&] { return call<int()>(must(session->link(private_set(two))), "answer") == 2; };
  const pid_t child = in_child([&] {
    const LinkedSet own = must(session->link(private_set(two)));
    const pid_t grandchild = in_child([&] { return links() && call<int()>(own, "answer") == 2; });
    return status_of(grandchild) == 0 && links() && call<int()>(set, "answer") == 1;
  });
  EXPECT_TRUE(links());
  EXPECT_EQ(status_of(child), 0);
}

TEST_P(Fork, WhileThreadsLinkAndUnload) {
  if (kShadowMemory) GTEST_SKIP() << "AddressSanitizer's allocator takes its locks into the child";
  const ObjectBytes one = answering(1), two = answering(2);
  const LinkedSet base = must(session->link(set_of(c_object("int base(void) { return 5; }"), "base")));
  const ObjectBytes binding = c_object("int base(void); int more(void) { return base() + 1; }");
  std::atomic<bool> stop = false;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      while (!stop) {
        LinkedSet set = must(session->link(private_set(binding)));
        if (call<int()>(set, "more") != 6) std::abort();
      }
    });
  }
  for (int i = 0; i < 30; ++i) {
    const pid_t child = in_child([&] {
      if (call<int()>(must(session->link(private_set(two))), "answer") != 2) return false;
      LinkedSet late = must(session->link(set_of(one, "late")));
      return late.unload().has_value() && call<int()>(base, "base") == 5;
    });
    EXPECT_EQ(status_of(child), 0) << "fork " << i;
  }
  stop = true;
}

// The C library's list of exit handlers has a lock that it does not look after at a fork, as has the dynamic linker.
TEST_P(Fork, WhileThreadsRegisterExitHandlersAndLookSymbolsUp) {
  if (kShadowMemory) GTEST_SKIP() << "AddressSanitizer's allocator takes its locks into the child";
  const ObjectBytes set = c_object("int atexit(void (*)(void)); static int n; static void out(void) { --n; }\n"
                                   "__attribute__((constructor)) static void in(void) { atexit(out); atexit(out); }\n"
                                   "__attribute__((destructor)) static void end(void) { --n; }\n"
                                   "int answer(void) { return n + 7; }\n"
                                   "__attribute__((weak)) int such_a_name_nobody_has(void);\n"
                                   "int (*look_up(void))(void) { return such_a_name_nobody_has; }\n");
  const auto once = [&] { return call<int()>(must(session->link(private_set(set))), "answer") == 7; };
  std::atomic<bool> stop = false;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      while (!stop) {
        if (!once()) std::abort();
      }
    });
  }
  for (int i = 0; i < 60; ++i) EXPECT_EQ(status_of(in_child(once)), 0) << "fork " << i;
  stop = true;
}

// A handler that links, forks and registers another one: nothing of ours is held while it runs.
TEST_P(Fork, ExitHandlerMayForkAndLink) {
  static Session* the_session;
  static bool good;
  the_session = session.get();
  must(session->define("call_back", target(+[] {
                         const pid_t child = in_child([] {
                           return call<int()>(must(the_session->link(private_set(answering(3)))), "answer") == 3;
                         });
                         good = status_of(child) == 0 &&
                                call<int()>(must(the_session->link(private_set(answering(4)))), "answer") == 4;
                       }),
                       HostSymbolKind::kFunction));
  const ObjectBytes set = c_object("int atexit(void (*)(void)); void call_back(void);\n"
                                   "static void out(void) { call_back(); }\n"
                                   "__attribute__((constructor)) static void in(void) { atexit(out); }\n");
  good = false;
  must(must(session->link(private_set(set))).unload());
  EXPECT_TRUE(good);
}

// A link that was under way on a thread of the parent holds nothing in the child.
TEST_P(Fork, LinkUnderWayElsewhereHoldsNothingInTheChild) {
  const ObjectBytes binding = c_object("int base(void); int more(void) { return base() + 1; }");
  Gate bound, forked;
  SessionOptions options;
  options.memory = must(make_memory(GetParam()));
  options.progress = [&](std::string_view pass, std::size_t, std::size_t) {
    if (pass != "layout" || std::this_thread::get_id() == main_thread) return;
    bound.open();
    forked.wait();
  };
  main_thread = std::this_thread::get_id();
  session = must(Session::create(std::move(options)));
  LinkedSet base = must(session->link(set_of(c_object("int base(void) { return 5; }"), "base")));
  std::jthread linking([&] { must(session->link(private_set(binding))); });
  bound.wait();
  EXPECT_EQ(error_of(base.unload()).code(), ErrorCode::kInUse);
  const pid_t child = in_child([&] { return base.unload().has_value(); });
  forked.open();
  EXPECT_EQ(status_of(child), 0);
  linking.join();
  EXPECT_TRUE(base.unload().has_value());
}

}  // namespace
}  // namespace enfold::test
