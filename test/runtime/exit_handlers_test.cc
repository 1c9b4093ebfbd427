// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Exit handlers of sets among those of the C library. What exit() does is seen in children, which write what they run.
// All of it is done twice: by programs in which the C library's count of registrations is found and is not.
#include "runtime/exit_handlers.h"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <new>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "runtime/registration_count.h"

extern "C" {
int __cxa_atexit(void (*function)(void*), void* argument, void* handle);
void __cxa_finalize(void* handle);
}

// Of those that give null where there is no memory, the n-th from now on is refused, once. -1: it was; -2: none is.
static int allocations_until_refusal = -2;

void* operator new(std::size_t size, const std::nothrow_t&) noexcept try {
  if (allocations_until_refusal >= 0 && allocations_until_refusal-- == 0) return nullptr;
  return ::operator new(size);
} catch (const std::bad_alloc&) {
  return nullptr;
}

namespace enfold::runtime {
namespace {

char sets_of_their_own[16];

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr bool kWatched = true;
#else
constexpr bool kWatched = false;
#endif

int out = -1;
char a_set = 0, b_set = 0, library = 0;  // whose addresses are handles

void say(const char* text) { EXPECT_EQ(::write(out, text, 1), 1); }
void note(void* text) { say(static_cast<const char*>(text)); }
void* name(const char* text) { return const_cast<char*>(text); }

void ours(const char* text, void* handle = &a_set, void (*function)(void*) = note) {
  EXPECT_EQ(register_exit(function, name(text), handle), 0);
}
void theirs(const char* text, void (*function)(void*) = note) {
  EXPECT_EQ(__cxa_atexit(function, name(text), &library), 0);
}

bool counted(RegistrationCount& count) {
  RegistrationCount::Search search = RegistrationCount::prepare();
  count.find(search);
  return count.known();
}
bool counted() {
  RegistrationCount count;
  return counted(count);
}

// What a child writes that calls exit() after `body`.
std::string written_by(const std::function<void()>& body) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    out = ends[1];
    ::alarm(60);
    body();
    std::exit(testing::Test::HasFailure() ? 9 : 7);
  }
  ::close(ends[1]);
  std::string text;
  char c = 0;
  while (::read(ends[0], &c, 1) == 1) text += c;
  ::close(ends[0]);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 7) << std::hex << status;
  return text;
}

TEST(ExitHandlers, RunInOneOrderWithThoseOfOthers) {
  EXPECT_EQ(written_by([] {
              ours("a");
              theirs("b");
              ours("c");
              ours("d", &b_set);
              theirs("e");
              theirs("f");
              ours("g", nullptr);
            }),
            "gfedcba");
}

TEST(ExitHandlers, UnloadingTakesTheSetsOwnAndLeavesTheOrderOfTheRest) {
  EXPECT_EQ(written_by([] {
              ours("a");
              ours("1", &b_set);
              theirs("b");
              ours("2", &b_set);
              ours("c");
              ours("3", &b_set);
              theirs("d");
              finalize(&b_set);
              say("|");
              finalize(&b_set);
              ours("e", &b_set);
              ours("f");
            }),
            "321|fedcba");
}

TEST(ExitHandlers, WhatAHandlerRegistersAtExitRunsNext) {
  const auto registers = [](void* text) {
    note(text);
    ours("x");
    theirs("y");
    ours("z", &b_set);
    theirs("w");
  };
  EXPECT_EQ(written_by([&] {
              ours("a");
              theirs("b");
              ours("c");
              ours("d", &a_set, registers);
              ours("e");
            }),
            "edwzyxcba");
}

TEST(ExitHandlers, WhatAHandlerRegistersAtUnloadingRunsNext) {
  EXPECT_EQ(written_by([] {
              ours("a", &b_set);
              ours("b");
              ours("c", &a_set, [](void* text) {
                note(text);
                ours("x");
                ours("y", &b_set);
                theirs("z");
              });
              finalize(&a_set);
              say("|");
            }),
            "cxb|zya");
}

TEST(ExitHandlers, AHandlerMayCallExit) {
  EXPECT_EQ(written_by([] {
              ours("a");
              theirs("b");
              ours("c");
              ours("d", &a_set, [](void* text) {
                note(text);
                ours("x");
                std::exit(7);
              });
              ours("e");
            }),
            "edxcba");
}

TEST(ExitHandlers, AHandlerMayUnloadOthers) {
  EXPECT_EQ(written_by([] {
              ours("a", &b_set);
              ours("b");
              ours("c", &b_set);
              theirs("d");
              ours("e", &a_set, [](void* text) {
                note(text);
                finalize(&b_set);
                EXPECT_TRUE(is_finalizing(&a_set));
                EXPECT_FALSE(is_finalizing(&b_set));
              });
              ours("f", &b_set);
            }),
            "fecadb");
}

TEST(ExitHandlers, FinalisingNullRunsEverybodys) {
  EXPECT_EQ(written_by([] {
              ours("a");
              theirs("b");
              ours("c");
              finalize_any(nullptr);
              say("|");
              ours("d");
            }),
            "cba|d");
}

TEST(ExitHandlers, WhatIsThrownGoesToTheCallerAndTheRestWaits) {
  ours("a");
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  out = ends[1];
  ours("b", &a_set, [](void*) { throw std::runtime_error("b"); });
  EXPECT_THROW(finalize(&a_set), std::runtime_error);
  EXPECT_FALSE(is_finalizing(&a_set));
  finalize(&a_set);
  char c = 0;
  ASSERT_EQ(::read(ends[0], &c, 1), 1);
  EXPECT_EQ(c, 'a');
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(ExitHandlers, AreRefusedOnceExitHasRunAll) {
  if (kWatched) GTEST_SKIP() << "a sanitizer's run time has handlers of its own";
  EXPECT_EQ(written_by([] {
              cookie_io_functions_t functions{};
              functions.write = [](void*, const char*, std::size_t size) -> ssize_t {
                say(register_exit(note, name("x"), &a_set) == 0 ? "1" : "0");
                return static_cast<ssize_t>(size);
              };
              std::FILE* const file = ::fopencookie(nullptr, "w", functions);  // flushed after the last handler
              std::fputc('.', file);
              ours("a");
            }),
            "a0");
}

TEST(ExitHandlers, OfQuickExitAndOfForksGoWithTheirSet) {
  EXPECT_EQ(written_by([] {
              EXPECT_EQ(register_quick_exit([](void*) { say("q"); }, &a_set), 0);
              EXPECT_EQ(register_quick_exit([](void*) { say("r"); }, &b_set), 0);
              EXPECT_EQ(register_fork_handlers([] { say("f"); }, nullptr, nullptr, &a_set), 0);
              EXPECT_EQ(register_fork_handlers([] { say("g"); }, nullptr, nullptr, &b_set), 0);
              ours("a");
              finalize(&a_set);
              const pid_t child = ::fork();
              if (child == 0) ::_exit(0);
              ::waitpid(child, nullptr, 0);
              std::quick_exit(7);
            }),
            "agr");
}

TEST(ExitHandlers, AreFewEntriesOfTheCLibrary) {
  RegistrationCount count;
  if (!counted(count)) GTEST_SKIP() << "its count is not found in this program";
  std::vector<char> sets(1000);
  EXPECT_EQ(register_exit([](void*) {}, nullptr, &sets[0]), 0);
  const std::uint64_t before = count.now();
  for (int round = 0; round < 3; ++round) {
    for (char& set : sets) {
      EXPECT_EQ(register_exit([](void*) {}, nullptr, &set), 0);
      EXPECT_EQ(register_exit([](void*) {}, nullptr, &set), 0);
    }
    for (char& set : sets) finalize(&set);
  }
  EXPECT_EQ(count.now(), before);
}

// What is refused is not registered, and takes nothing along.
TEST(ExitHandlers, RegisteringMayFail) {
  EXPECT_EQ(written_by([] {
              ours("a");
              theirs("b");
              bool refused = true;
              for (int n = 0; refused; ++n) {
                allocations_until_refusal = n;
                const bool registered = register_exit(note, name("c"), &sets_of_their_own[n]) == 0;
                refused = allocations_until_refusal == -1;
                allocations_until_refusal = -2;
                EXPECT_NE(registered, refused);
                EXPECT_LT(n, 10);
                finalize(&sets_of_their_own[n]);
                say("|");
              }
              ours("d");
            }),
            "||||c|dba");
}

// The C library's list only shrinks at its end. So sets that come and go among others take nothing of it, and those
// that go before what is registered after them give it back.
TEST(ExitHandlers, LeaveNothingBehind) {
  if (kWatched) GTEST_SKIP() << "another allocator";
  std::vector<char> sets(64);
  const auto nothing = [](void*) {};
  const bool is_counted = counted();
  const auto take_turns = [&](int count) {
    for (int i = 0; is_counted && i < count; ++i) {
      char& set = sets[static_cast<std::size_t>(i * 7 % 64)];
      finalize(&set);
      for (int k = 0; k < 3; ++k) EXPECT_EQ(register_exit(nothing, nullptr, &set), 0);
    }
    for (char& set : sets) finalize(&set);
    for (int i = 0; i < count; ++i) {
      EXPECT_EQ(register_exit(nothing, nullptr, &a_set), 0);
      EXPECT_EQ(__cxa_atexit(nothing, nullptr, &library), 0);
      EXPECT_EQ(register_exit(nothing, nullptr, &a_set), 0);
      finalize(&a_set);
      __cxa_finalize(&library);
    }
  };
  take_turns(5000);
  const std::size_t before = ::mallinfo2().uordblks;
  take_turns(50'000);
  EXPECT_LT(::mallinfo2().uordblks, before + 100'000);
}

// Each thread has sets of its own, and knows what is to run. All goes on while the process ends.
struct Turn {
  std::vector<int> expected;
  std::vector<int> seen;
  char handle = 0;
};
struct Mark {
  Turn* turn;
  int number;
};

void take_turns(unsigned seed, bool beside_others, const std::atomic<bool>& stop) {
  std::mt19937 random(seed);
  std::vector<Turn> turns(5);
  int number = 0;
  while (!stop.load()) {
    Turn& turn = turns[random() % turns.size()];
    if (random() % 4 != 0) {
      const auto run = [](void* mark) {
        const std::unique_ptr<Mark> owned(static_cast<Mark*>(mark));
        owned->turn->seen.push_back(owned->number);
      };
      turn.expected.insert(turn.expected.begin(), ++number);
      ASSERT_EQ(register_exit(run, new Mark{&turn, number}, &turn.handle), 0);
      continue;
    }
    if (beside_others && random() % 8 == 0) {
      ASSERT_EQ(__cxa_atexit([](void*) {}, nullptr, &turns), 0);
      if (random() % 2 == 0) __cxa_finalize(&turns);
    }
    finalize(&turn.handle);
    ASSERT_EQ(turn.seen, turn.expected);
    turn.seen.clear();
    turn.expected.clear();
  }
  for (Turn& turn : turns) finalize(&turn.handle);
  if (beside_others) __cxa_finalize(&turns);
}

TEST(ExitHandlers, OfSeveralThreadsAreApart) {
  std::atomic<bool> stop = false;
  std::vector<std::jthread> threads;
  for (unsigned i = 1; i <= 4; ++i) threads.emplace_back([&stop, i] { take_turns(i, true, stop); });
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  stop = true;
}

TEST(ExitHandlers, ChildrenGoOnWithThem) {
  if (kWatched) GTEST_SKIP() << "a sanitizer's run time takes its locks into the child";
  std::atomic<bool> stop = false;
  std::vector<std::jthread> threads;
  for (unsigned i = 1; i <= 2; ++i) threads.emplace_back([&stop, i] { take_turns(i, false, stop); });
  for (int i = 0; i < 6; ++i) {
    const std::string written = written_by([] {
      ours("a");
      ours("b", &b_set);
      ours("c", &library);
      finalize(&b_set);
    });
    EXPECT_EQ(written, "bca") << "fork " << i;
  }
  stop = true;
}

// While exit() runs handlers, threads register and unload: each handler runs once, whoever comes first.
TEST(ExitHandlers, RunOnceThoughExitAndThreadsRace) {
  for (int round = 0; round < 3; ++round) {
    const std::string written = written_by([] {
      static std::atomic<int> made = 0, run = 0, ended = 0;
      static std::vector<char> sets(16);
      theirs("e", [](void*) {  // the last
        while (ended != 3 || made != run) std::this_thread::yield();
        say("e");
      });
      for (unsigned t = 0; t < 3; ++t) {
        std::thread([t] {
          std::mt19937 random(t);
          for (int i = 0; i < 1000; ++i) {
            ++made;
            ASSERT_EQ(register_exit([](void*) { ++run; }, nullptr, &sets[random() % sets.size()]), 0);
            if (random() % 4 == 0) finalize(&sets[random() % sets.size()]);
            if (random() % 8 == 0) theirs("n", [](void*) {});
          }
          for (char& set : sets) finalize(&set);
          ++ended;
        }).detach();
      }
      std::this_thread::sleep_for(std::chrono::microseconds(500));
    });
    EXPECT_EQ(written, "e");
  }
}

}  // namespace
}  // namespace enfold::runtime
