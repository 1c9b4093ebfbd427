// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Unwinders find the frames of linked code, of ten thousand sets and while sets come and go, and none of code that is
// gone. All of it is run a second time with every table registered (ENFOLD_UNWIND=register).
#include <execinfo.h>
#include <pthread.h>

#include <atomic>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "notes.h"
#include "runtime/find_fde.h"
#include "runtime/unwind.h"
#include "support.h"

namespace enfold::test {
namespace {

constexpr char kThrower[] = "extern \"C\" int fail(int n) { if (n > 0) throw n; return n; }\n"
                            "extern \"C\" int twice(int n) { return fail(n) + 1; }\n";
constexpr char kCaller[] = "int inner(int (*f)(int), int n) { return f(n) + 1; }\n"
                           "int through(int (*f)(int), int n) { return inner(f, n) + 1; }\n";

struct Unwinding : WithNotes {
  LinkedSet link(const std::string& source, const char* flags = "-O1") {
    return must(session->link(private_set(cxx_object(source, flags))));
  }
};

ENFOLD_CALLS_LINKED_CODE int thrown_by(int (*function)(int), int n) {
  try {
    return -function(n);
  } catch (int thrown) {
    return thrown;
  }
}

ENFOLD_CALLS_LINKED_CODE int thrown_through(int (*through)(int (*)(int), int), int (*function)(int), int n) {
  try {
    return -through(function, n);
  } catch (int thrown) {
    return thrown;
  }
}

// What the unwinder knows of an address: the function's start, or null.
void* function_at(void* pc) {
  dwarf_eh_bases bases{};
  return _Unwind_Find_FDE(pc, &bases) != nullptr ? bases.function : nullptr;
}

template <class Function>
char* bytes_of(Function* function) {
  return reinterpret_cast<char*>(reinterpret_cast<std::uintptr_t>(function));
}

TEST(UnwindWay, TheUnwinderAsksUnlessToldNotTo) {
  const char* way = std::getenv("ENFOLD_UNWIND");
  EXPECT_EQ(runtime::unwinder_asks(), way == nullptr || std::string(way) != "register");
}

TEST_F(Unwinding, FindsEachFunctionByItsFirstByteAndItsLast) {
  const LinkedSet set = link(kThrower);
  for (const char* name : {"fail", "twice"}) {
    char* const start = bytes_of(function<int(int)>(set, name));
    EXPECT_EQ(function_at(start), start);
    EXPECT_EQ(function_at(start + 1), start);
    EXPECT_NE(function_at(start - 1), start);
  }
}

TEST_F(Unwinding, FindsNothingOfAnUnloadedSet) {
  LinkedSet set = link(kThrower);
  char* const start = bytes_of(function<int(int)>(set, "fail"));
  ASSERT_NE(function_at(start), nullptr);
  must(set.unload());
  EXPECT_EQ(function_at(start), nullptr);
}

TEST_F(Unwinding, FindsTheNewFunctionWhereAnOldOneWas) {
  char* before = nullptr;
  int same = 0;
  for (int i = 0; i < 20; ++i) {
    LinkedSet set = link(i % 2 == 0 ? kThrower : "extern \"C\" int fail(int n) { if (n > 1) throw n + 1; return 3; }");
    char* const start = bytes_of(function<int(int)>(set, "fail"));
    same += start == before;
    before = start;
    EXPECT_EQ(function_at(start), start);
    EXPECT_EQ(thrown_by(function<int(int)>(set, "fail"), 7), i % 2 == 0 ? 7 : 8);
  }
  EXPECT_GT(same, 0) << "no address was used again";
}

TEST_F(Unwinding, AFailedLinkLeavesNothing) {
  must(session->define("clash", TargetAddr{1}));
  ObjectSet set = set_of(cxx_object("extern \"C\" int clash() { throw 1; }"));
  EXPECT_FALSE(session->link(std::move(set)));
  const LinkedSet next = link(kThrower);
  EXPECT_EQ(thrown_by(function<int(int)>(next, "fail"), 2), 2);
}

TEST_F(Unwinding, BacktraceCountsASetsFrames) {
  must(session->define("depth", target(+[](int) {
                         void* frames[64];
                         return backtrace(frames, 64);
                       }),
                       HostSymbolKind::kFunction));
  const LinkedSet set = link("extern \"C\" int depth(int);\n"
                             "extern \"C\" __attribute__((noinline)) int nest(int n) {\n"
                             "  return n == 0 ? depth(0) : nest(n - 1) + 0 * n;\n"
                             "}\n", "-O0");
  EXPECT_EQ(call<int(int)>(set, "nest", 9) - call<int(int)>(set, "nest", 2), 7);
}

int (*volatile forced)(int);

void* run_forced(void*) {
  forced(1);
  return nullptr;
}

TEST_F(Unwinding, PthreadExitRunsASetsDestructors) {
  must(session->define("leave", target(+[](int) { pthread_exit(nullptr); }), HostSymbolKind::kFunction));
  const LinkedSet set = link("extern \"C\" void leave(int); extern \"C\" void note(int);\n"
                             "struct Guard { ~Guard() { note(3); } };\n"
                             "extern \"C\" int through(int n) { Guard guard; leave(n); return n; }\n");
  forced = function<int(int)>(set, "through");
  pthread_t thread;
  ASSERT_EQ(pthread_create(&thread, nullptr, run_forced, nullptr), 0);
  pthread_join(thread, nullptr);
  EXPECT_EQ(notes(), Noted{3});
}

TEST_F(Unwinding, CancellingAThreadRunsASetsDestructors) {
  const LinkedSet set = link("#include <pthread.h>\n#include <unistd.h>\n"
                             "extern \"C\" void note(int);\n"
                             "struct Guard { ~Guard() { note(4); } };\n"
                             "extern \"C\" int through(int n) { Guard guard;\n"
                             "  for (;;) { pause(); pthread_testcancel(); }\n  return n;\n}\n");
  forced = function<int(int)>(set, "through");
  pthread_t thread;
  ASSERT_EQ(pthread_create(&thread, nullptr, run_forced, nullptr), 0);
  pthread_cancel(thread);
  pthread_join(thread, nullptr);
  EXPECT_EQ(notes(), Noted{4});
}

using UnwindingDeathTest = Unwinding;

TEST_F(UnwindingDeathTest, NoexceptEndsTheProcess) {
  const LinkedSet set = link(std::string(kThrower) +
                             "extern \"C\" int guarded(int n) noexcept { return fail(n); }\n");
  EXPECT_DEATH(thrown_by(function<int(int)>(set, "guarded"), 1), "terminate");
  EXPECT_EQ(thrown_by(function<int(int)>(set, "fail"), 1), 1);
}

TEST_F(Unwinding, ASetWithoutTablesEndsNoWalk) {
  const LinkedSet bare = must(session->link(private_set(c_object("int one(void) { return 1; }",
                                                                 "-O1 -fno-asynchronous-unwind-tables"))));
  EXPECT_EQ(call<int()>(bare, "one"), 1);
  EXPECT_EQ(function_at(bytes_of(function<int()>(bare, "one"))), nullptr);
}

TEST_F(Unwinding, OfFunctionsThatAreLeftOfASection) {
  ObjectSet set = private_set(cxx_object(kThrower, "-O1 -ffunction-sections"));
  set.options().gc_sections = true;
  set.options().roots = {"fail"};
  const LinkedSet linked = must(session->link(std::move(set)));
  EXPECT_EQ(thrown_by(function<int(int)>(linked, "fail"), 5), 5);
}

TEST_F(Unwinding, OfASetWithThousandsOfFunctions) {
  std::string source;
  constexpr int kCount = 2000;
  for (int i = 0; i < kCount; ++i) {
    const std::string n = std::to_string(i);
    source += "extern \"C\" int f" + n + "(int n) { if (n > " + n + ") throw n; return n; }\n";
  }
  const LinkedSet set = link(source, "-O1 -ffunction-sections");
  for (int i = 0; i < kCount; ++i) {
    const std::string name = "f" + std::to_string(i);
    auto* const f = function<int(int)>(set, name.c_str());
    ASSERT_EQ(function_at(bytes_of(f) + 2), bytes_of(f));
    if (i % 50 == 0) {
      ASSERT_EQ(thrown_by(f, i + 1), i + 1);
    }
  }
}

TEST_F(Unwinding, InEachOfTenThousandSets) {
  // Where tables are registered, libgcc 12 walks all of them.
  const std::size_t count = kShadowMemory ? 300 : runtime::unwinder_asks() ? 10'000 : 1000;
  const ObjectBytes object = cxx_object(kThrower);
  std::vector<LinkedSet> sets;
  for (std::size_t i = 0; i < count; ++i) sets.push_back(must(session->link(private_set(object))));
  for (std::size_t i = 0; i < count; ++i) {
    ASSERT_EQ(thrown_by(function<int(int)>(sets[i], "twice"), static_cast<int>(i) + 1), static_cast<int>(i) + 1);
  }
  for (std::size_t i = 0; i < count; i += 2) must(sets[i].unload());
  for (std::size_t i = 1; i < count; i += 97 * 2) ASSERT_EQ(thrown_by(function<int(int)>(sets[i], "fail"), 8), 8);
}

// Threads throw out of sets and through them while another links and unloads as fast as it can.
TEST_F(Unwinding, WhileSetsComeAndGo) {
  const LinkedSet thrower = link(kThrower);
  const LinkedSet caller = must(session->link(private_set(c_object(kCaller, "-O1 -fexceptions"))));
  auto* const fail = function<int(int)>(thrower, "fail");
  auto* const through = function<int(int (*)(int), int)>(caller, "through");
  std::atomic<bool> done{false};
  std::atomic<int> wrong{0}, thrown{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 1; !done; ++i) {
        wrong += thrown_through(through, fail, i) != i;
        ++thrown;
        if (t == 0) std::this_thread::yield();
      }
    });
  }
  const ObjectBytes object = cxx_object(kThrower);
  for (int i = 0; i < (kShadowMemory ? 300 : 3000) || thrown < 100; ++i) {
    LinkedSet set = must(session->link(private_set(object)));
    if (i % 16 == 0) {
      EXPECT_EQ(thrown_by(function<int(int)>(set, "fail"), 3), 3);
    }
    must(set.unload());
  }
  done = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace enfold::test
