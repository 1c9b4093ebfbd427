// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Exit handlers of sets: who unloads whom meanwhile, and what stays in memory.
#include <cstdlib>
#include <functional>
#include <optional>
#include <thread>
#include <utility>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "notes.h"
#include "support.h"

namespace enfold::test {
namespace {

std::function<void()>& host_part() {
  static std::function<void()> part;
  return part;
}

struct ExitHandlersOfSets : WithNotes {
  ExitHandlersOfSets() {
    must(session->define("host_part", target(+[] { host_part()(); }), HostSymbolKind::kFunction));
  }
  LinkedSet link(ObjectBytes object) { return must(session->link(private_set(object))); }

  // In a child that calls exit() after `body`, where the last handler of all looks at what was noted.
  void at_exit_of(const std::function<void()>& body, Noted expected) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::alarm(60);
      static Noted all = std::move(expected);
      std::atexit([] { ::_exit(notes() == all ? 0 : 1); });
      body();
      std::exit(2);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
};

// After the host's part has come back, code of the set goes on.
constexpr char kCallsHost[] =
    "void note(int); void host_part(void); int atexit(void (*)(void));\n"
    "static int later;\n"
    "static void first(void) { note(1); }\n"
    "static void second(void) { note(2); host_part(); later = 3; note(later); }\n"
    "static void third(void) { note(4); }\n"
    "__attribute__((constructor)) static void in(void) { atexit(first); atexit(second); atexit(third); }\n";
constexpr char kOther[] =
    "void note(int); int atexit(void (*)(void));\n"
    "static void first(void) { note(11); }\n"
    "static void second(void) { note(12); }\n"
    "__attribute__((constructor)) static void in(void) { atexit(first); atexit(second); }\n"
    "__attribute__((destructor)) static void out(void) { note(13); }\n";

TEST_F(ExitHandlersOfSets, OneMayUnloadAnotherSet) {
  std::optional<LinkedSet> other = link(c_object(kOther));
  LinkedSet set = link(c_object(kCallsHost));
  host_part() = [&] { other.reset(); };
  must(set.unload());
  EXPECT_EQ(notes(), (Noted{4, 2, 12, 11, 13, 3, 1}));
}

TEST_F(ExitHandlersOfSets, OneMayUnloadAnotherSetAtExit) {
  at_exit_of(
      [&] {
        static std::optional<LinkedSet> other = link(c_object(kOther));
        static LinkedSet set = link(c_object(kCallsHost));
        host_part() = [] { other.reset(); };
      },
      {4, 2, 12, 11, 13, 3, 1});
}

TEST_F(ExitHandlersOfSets, ASetThatExitIsInStaysInMemory) {
  at_exit_of(
      [&] {
        auto* const set = new LinkedSet(link(c_object(kCallsHost)));
        host_part() = [set] {
          std::thread([set] { must(set->unload()); }).join();
          note(5);
        };
      },
      {4, 2, 1, 5, 3});
}

TEST_F(ExitHandlersOfSets, ASetThatUnloadsItselfAtExitStaysInMemory) {
  at_exit_of(
      [&] {
        auto* const set = new LinkedSet(link(c_object(kCallsHost)));
        host_part() = [set] {
          must(set->unload());
          note(5);
        };
      },
      {4, 2, 1, 5, 3});
}

}  // namespace
}  // namespace enfold::test
