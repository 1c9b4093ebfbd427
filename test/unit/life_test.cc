// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A set's life: initialisers, dependents, finalisers, and what is left of it.
#include <unistd.h>

#include <fstream>
#include <memory>
#include <optional>
#include <set>

#include <gtest/gtest.h>

#include "notes.h"
#include "support.h"
#include "watch.h"

namespace enfold::test {
namespace {

struct Life : WithNotes {};

constexpr char kNoisy[] =
    "void note(int); int atexit(void (*)(void));\n"
    "static void first(void) { note(11); }\n"
    "static void second(void) { note(12); }\n"
    "__attribute__((constructor(202))) static void in_late(void) { note(2); }\n"
    "__attribute__((constructor(201))) static void in_early(void) { note(1); }\n"
    "__attribute__((constructor)) static void in(void) { note(3); atexit(first); atexit(second); }\n"
    "__attribute__((destructor)) static void out(void) { note(21); }\n"
    "__attribute__((destructor(201))) static void out_late(void) { note(23); }\n"
    "__attribute__((destructor(202))) static void out_early(void) { note(22); }\n";

TEST_F(Life, InitialisersRunByPriority) {
  const LinkedSet set = must(session->link(set_of(c_object(kNoisy))));
  EXPECT_EQ(notes(), (Noted{1, 2, 3}));
}

TEST_F(Life, UnloadRunsExitHandlersThenFinalisersEachBackwards) {
  LinkedSet set = must(session->link(set_of(c_object(kNoisy))));
  notes().clear();
  must(set.unload());
  EXPECT_EQ(notes(), (Noted{12, 11, 21, 22, 23}));
}

TEST_F(Life, DroppingTheHandleUnloads) {
  { const LinkedSet set = must(session->link(set_of(c_object(kNoisy)))); }
  EXPECT_EQ(notes().size(), 8u);
}

TEST_F(Life, FinalisersRunOnce) {
  {
    LinkedSet set = must(session->link(set_of(c_object(kNoisy))));
    must(set.unload());
    notes().clear();
  }
  EXPECT_TRUE(notes().empty());
}

using LifeDeathTest = Life;

// As in a linked program, whatever it is that they throw: it is no want of memory of the linker's.
TEST_F(LifeDeathTest, WhatInitialisersThrowEndsTheProcess) {
  const ObjectBytes object =
      cxx_object("#include <new>\nstruct Thrower { Thrower() { throw std::bad_alloc(); } } thrower;");
  EXPECT_DEATH(static_cast<void>(session->link(set_of(object))), "terminate");
}

TEST_F(LifeDeathTest, WhatExitHandlersThrowEndsTheProcess) {
  const ObjectBytes object = cxx_object("#include <cstdlib>\n#include <new>\nstatic int calls;\n"
                                        "static void fail() { if (calls++ == 0) throw std::bad_alloc(); }\n"
                                        "static int registered = std::atexit(fail);\n");
  const auto link_and_unload = [&] {
    LinkedSet set = must(session->link(set_of(object)));
    static_cast<void>(set.unload());
  };
  EXPECT_DEATH(link_and_unload(), "terminate");
}

TEST_F(Life, WhatHasNotBegunDoesNotEnd) {
  SessionOptions options;
  options.progress = [](std::string_view pass, std::size_t, std::size_t) {
    if (pass == "initialise") throw std::bad_alloc();
  };
  const auto watched = must(Session::create(std::move(options)));
  must(watched->define("note", target(&note), HostSymbolKind::kFunction));
  EXPECT_EQ(error_of(watched->link(set_of(c_object(kNoisy)))).code(), ErrorCode::kMemory);
  EXPECT_EQ(notes(), Noted{});
}

TEST_F(Life, MovedHandleUnloadsOnce) {
  {
    LinkedSet set = must(session->link(set_of(c_object(kNoisy))));
    LinkedSet other = std::move(set);
    notes().clear();
  }
  EXPECT_EQ(notes().size(), 5u);
}

TEST_F(Life, AssignedHandleUnloadsWhatItHeld) {
  LinkedSet set = must(session->link(private_set(c_object(kNoisy))));
  notes().clear();
  set = must(session->link(private_set(c_object("int nothing;"))));
  EXPECT_EQ(notes(), (Noted{12, 11, 21, 22, 23}));
}

TEST_F(Life, UnloadingTwiceIsAnError) {
  LinkedSet set = must(session->link(set_of(c_object("int x;"))));
  must(set.unload());
  EXPECT_EQ(error_of(set.unload()).code(), ErrorCode::kInvalidArgument);
}

TEST_F(Life, UnloadedSetHasNoSymbols) {
  LinkedSet set = must(session->link(set_of(c_object("int gone = 1;"))));
  must(set.unload());
  EXPECT_EQ(error_of(set.address("gone")).code(), ErrorCode::kNotFound);
  EXPECT_EQ(error_of(session->address("gone")).code(), ErrorCode::kNotFound);
}

TEST_F(Life, SetOutlivesItsSession) {
  LinkedSet set = must(session->link(set_of(c_object("int f(void) { return 42; }"))));
  session.reset();
  EXPECT_EQ(call<int()>(set, "f"), 42);
  must(set.unload());
}

TEST_F(Life, CxxStaticsAreDestroyed) {
  LinkedSet set = must(session->link(set_of(cxx_object(
      "extern \"C\" void note(int);\n"
      "struct Noisy { int n; Noisy(int m) : n(m) { note(n); } ~Noisy() { note(-n); } };\n"
      "static Noisy one(1), two(2);\n"
      "extern \"C\" void use() { static Noisy three(3); }\n"))));
  call<void()>(set, "use");
  must(set.unload());
  EXPECT_EQ(notes(), (Noted{1, 2, 3, -3, -2, -1}));
}

TEST_F(Life, ExitHandlerOfAnExitHandlerRuns) {
  LinkedSet set = must(session->link(set_of(c_object(
      "void note(int); int atexit(void (*)(void));\n"
      "static void inner(void) { note(2); }\n"
      "static void outer(void) { note(1); atexit(inner); }\n"
      "void start(void) { atexit(outer); }\n"))));
  call<void()>(set, "start");
  must(set.unload());
  EXPECT_EQ(notes(), (Noted{1, 2}));
}

// Dependents

constexpr char kBase[] = "void note(int); int base(void) { return 40; }\n"
                         "__attribute__((destructor)) static void out(void) { note(1); }\n";
constexpr char kUser[] = "void note(int); int base(void); int user(void) { return base() + 2; }\n"
                         "__attribute__((destructor)) static void out(void) { note(base() + 2); }\n";

struct Dependents : WithNotes {
  std::optional<LinkedSet> base = must(session->link(set_of(c_object(kBase), "the base")));
  std::optional<LinkedSet> user = must(session->link(set_of(c_object(kUser), "the user")));
};

TEST_F(Dependents, CallWhatTheyDependOn) { EXPECT_EQ(call<int()>(*user, "user"), 42); }

TEST_F(Dependents, KeepASetFromBeingUnloaded) {
  const Error error = error_of(base->unload());
  EXPECT_EQ(error.code(), ErrorCode::kInUse);
  EXPECT_NE(error.text().find("the user"), std::string::npos) << error.text();
}

TEST_F(Dependents, GoOnAfterARefusedUnload) {
  EXPECT_FALSE(base->unload());
  EXPECT_EQ(call<int()>(*user, "user"), 42);
  EXPECT_EQ(value(must(session->address("base"))), value(must(base->address("base"))));
}

TEST_F(Dependents, GoFirst) {
  must(user->unload());
  must(base->unload());
  EXPECT_EQ(notes(), (Noted{42, 1}));
}

TEST_F(Dependents, KeepASetWithoutAHandleAlive) {
  base.reset();
  EXPECT_TRUE(notes().empty());
  EXPECT_EQ(call<int()>(*user, "user"), 42);
}

TEST_F(Dependents, TakeASetWithoutAHandleWithThem) {
  base.reset();
  must(user->unload());
  EXPECT_EQ(notes(), (Noted{42, 1}));
  EXPECT_EQ(error_of(session->address("base")).code(), ErrorCode::kNotFound);
}

TEST_F(Dependents, GetNoCompanyOnceTheHandleIsGone) {
  base.reset();
  const Error error =
      error_of(session->link(set_of(c_object("int base(void); int more(void) { return base() + 3; }"))));
  EXPECT_EQ(error.code(), ErrorCode::kUndefinedSymbol);
}

// One handle's fall takes all that only it held.
TEST_F(Dependents, OfSeveralWithoutHandlesTakeAllWithThem) {
  std::optional<LinkedSet> other = must(session->link(set_of(
      c_object("void note(int); int other(void) { return 50; }\n"
               "__attribute__((destructor)) static void out(void) { note(other()); }\n"), "other")));
  std::optional<LinkedSet> both = must(session->link(set_of(
      c_object("int base(void), other(void); int both(void) { return base() + other(); }"), "both")));
  base.reset();
  other.reset();
  user.reset();
  EXPECT_EQ(notes(), Noted{42});
  both.reset();
  EXPECT_EQ(std::multiset<int>(notes().begin(), notes().end()), (std::multiset<int>{42, 1, 50}));
}

TEST_F(Dependents, ChainGoesFromTheLast) {
  std::optional<LinkedSet> last = must(session->link(set_of(
      c_object("void note(int); int user(void); int last(void) { return user(); }\n"
               "__attribute__((destructor)) static void out(void) { note(user() + 100); }\n"), "the last")));
  base.reset();
  user.reset();
  EXPECT_TRUE(notes().empty());
  last.reset();
  EXPECT_EQ(notes(), (Noted{142, 42, 1}));
}

TEST_F(Dependents, DataReferencesCount) {
  LinkedSet data = must(session->link(set_of(c_object("int datum = 5;"), "data")));
  LinkedSet pointer = must(session->link(set_of(c_object("extern int datum; int *p = &datum;"), "pointer")));
  EXPECT_EQ(error_of(data.unload()).code(), ErrorCode::kInUse);
  must(pointer.unload());
  must(data.unload());
}

// Linking while linking

std::unique_ptr<Session>* nested_session = nullptr;
std::optional<LinkedSet>* nested_set = nullptr;

void link_nested() {
  *nested_set = must((*nested_session)->link(set_of(c_object("int inner(void) { return 7; }"), "inner")));
}

TEST_F(Life, InitialiserMayLinkAnotherSet) {
  std::optional<LinkedSet> inner;
  nested_session = &session;
  nested_set = &inner;
  must(session->define("link_nested", target(&link_nested), HostSymbolKind::kFunction));
  const LinkedSet outer = must(session->link(set_of(c_object(
      "void link_nested(void);\n"
      "__attribute__((constructor)) static void in(void) { link_nested(); }\n"), "outer")));
  ASSERT_TRUE(inner);
  EXPECT_EQ(call<int()>(*inner, "inner"), 7);
}

// Memory

std::uint64_t resident_size() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t total = 0, resident = 0;
  file >> total >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

TEST_F(Life, LinkingAndUnloadingAgainAndAgainTakesNoMemory) {
  const ObjectBytes object = cxx_object(
      "extern \"C\" void note(int);\n"
      "struct S { S() { note(1); } ~S() { note(2); } } s;\n"
      "extern \"C\" int f(int n) { if (n > 100) throw n; return n; }\n");
  const auto cycle = [&](int count) {
    for (int i = 0; i < count; ++i) {
      notes().clear();
      must(session->link(set_of(object)));
    }
  };
  cycle(kShadowMemory ? 50 : 1000);
  const std::uint64_t before = resident_size();
  const std::size_t mapping_count = address_map().size();
  cycle(kShadowMemory ? 50 : 10'000);
  if (kShadowMemory) return;
  EXPECT_LT(resident_size(), before + (1u << 20));
  EXPECT_LE(address_map().size(), mapping_count + 1);
}

}  // namespace
}  // namespace enfold::test
