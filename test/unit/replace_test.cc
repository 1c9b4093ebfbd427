// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A new version of a set takes the place of the old one while others call through its stubs.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "support.h"

namespace enfold::test {
namespace {

ObjectSet replaceable(ObjectBytes object, std::string name, Replaceable how = Replaceable::kByOthers) {
  ObjectSet set = set_of({{"part.o", object}}, std::move(name));
  set.options().replaceable = how;
  return set;
}

ObjectBytes version(int n, std::string_view flags = "-O1") {
  return c_object("int version(void) { return " + std::to_string(n) + "; }", flags);
}

LinkedSet replaced(Session& session, LinkedSet& set, ObjectSet next, bool keep_state = false) {
  return must(session.replace(set, std::move(next), {.keep_state = keep_state}));
}

using GetInt = int();

TEST(Replace, AddressesLeadToTheNewVersion) {
  const auto session = new_session();
  LinkedSet set = must(session->link(replaceable(version(1), "v1")));
  GetInt* call = function<GetInt>(set, "version");
  EXPECT_EQ(call(), 1);
  const LinkedSet old = replaced(*session, set, replaceable(version(2), "v2"));
  EXPECT_EQ(call(), 2);
  EXPECT_EQ(function<GetInt>(set, "version"), call);
  EXPECT_EQ(set.name(), "v2");
  EXPECT_EQ(old.name(), "v1");
}

TEST(Replace, UsersCallTheNewVersion) {
  const auto session = new_session();
  LinkedSet set = must(session->link(replaceable(version(1), "v1")));
  const LinkedSet user = must(session->link(
      set_of(c_object("int version(void); int (*pointer)(void) = version; int direct(void) { return version(); }"
                      "int indirect(void) { return pointer(); }"),
             "user")));
  EXPECT_EQ(function<GetInt>(user, "direct")(), 1);
  replaced(*session, set, replaceable(version(2), "v2"));
  EXPECT_EQ(function<GetInt>(user, "direct")(), 2);
  EXPECT_EQ(function<GetInt>(user, "indirect")(), 2);
}

TEST(Replace, OldVersionGoesWithItsHandle) {
  const auto session = new_session();
  static int gone;
  gone = 0;
  must(
      session->define("note", TargetAddr{reinterpret_cast<std::uint64_t>(+[] { ++gone; })}, HostSymbolKind::kFunction));
  const char* source =
      "void note(void); int version(void) { return 1; } __attribute__((destructor)) static void end(void) { note(); }";
  LinkedSet set = must(session->link(replaceable(c_object(source), "v1")));
  {
    const LinkedSet old = replaced(*session, set, replaceable(version(2), "v2"));
    EXPECT_EQ(gone, 0);
  }
  EXPECT_EQ(gone, 1);
  EXPECT_EQ(function<GetInt>(set, "version")(), 2);
  EXPECT_TRUE(set.unload().has_value());
}

TEST(Replace, UserKeepsTheNewVersionInUse) {
  const auto session = new_session();
  LinkedSet set = must(session->link(replaceable(version(1), "v1")));
  LinkedSet user =
      must(session->link(set_of(c_object("int version(void); int call(void) { return version(); }"), "user")));
  replaced(*session, set, replaceable(version(2), "v2"));
  EXPECT_EQ(error_of(set.unload()).code(), ErrorCode::kInUse);
  ASSERT_EQ(set.users().size(), 1u);
  EXPECT_EQ(set.users().front().symbol, "version");
  EXPECT_TRUE(user.unload().has_value());
  EXPECT_TRUE(set.unload().has_value());
}

TEST(Replace, MissingFunctionThatIsUsedIsRefused) {
  const auto session = new_session();
  LinkedSet set = must(session->link(replaceable(version(1), "v1")));
  const LinkedSet user =
      must(session->link(set_of(c_object("int version(void); int call(void) { return version(); }"), "user")));
  const Error error = error_of(session->replace(set, replaceable(c_object("int other(void) { return 0; }"), "v2")));
  EXPECT_EQ(error.code(), ErrorCode::kInUse);
  ASSERT_EQ(error.causes().size(), 1u);
  EXPECT_EQ(error.causes()[0].place().symbol, "version");
  EXPECT_EQ(function<GetInt>(user, "call")(), 1);
  EXPECT_EQ(set.name(), "v1");
  EXPECT_EQ(error_of(session->address("other")).code(), ErrorCode::kNotFound);
}

TEST(Replace, MissingFunctionThatNobodyUsesStaysWithItsVersion) {
  const auto session = new_session();
  LinkedSet set = must(session->link(replaceable(version(1), "v1")));
  GetInt* call = function<GetInt>(set, "version");
  replaced(*session, set, replaceable(c_object("int other(void) { return 5; }"), "v2"));
  EXPECT_EQ(call(), 1);  // whoever holds the address
  EXPECT_EQ(function<GetInt>(set, "other")(), 5);
  EXPECT_EQ(error_of(session->address("version")).code(), ErrorCode::kNotFound);
  replaced(*session, set, replaceable(version(3), "v3"));
  EXPECT_EQ(call(), 3);
}

TEST(Replace, OwnCallsStayWithinTheirVersion) {
  const auto session = new_session();
  const auto make = [](int n) {
    return c_object("int inner(void) { return " + std::to_string(n) +
                        "; } int outer(void (*between)(void)) {"
                        " if (between) between(); return inner(); }",
                    "-O1 -fno-inline");
  };
  LinkedSet set = must(session->link(replaceable(make(1), "v1")));
  static std::vector<LinkedSet> old;
  static Session* the_session;
  static LinkedSet* the_set;
  static ObjectBytes second;
  the_session = session.get(), the_set = &set, second = make(2);
  auto* outer = function<int(void (*)())>(set, "outer");
  EXPECT_EQ(outer([] { old.push_back(replaced(*the_session, *the_set, replaceable(second, "v2"))); }), 1);
  EXPECT_EQ(outer(nullptr), 2);
  old.clear();
}

TEST(Replace, OwnCallsLeadToTheNewestThroughout) {
  const auto session = new_session();
  const auto make = [](int n) {
    return c_object("int inner(void) { return " + std::to_string(n) +
                        "; } int outer(void (*between)(void)) {"
                        " if (between) between(); return inner(); }",
                    "-O1 -fno-inline -fno-ipa-ra -fPIC");
  };
  LinkedSet set = must(session->link(replaceable(make(1), "v1", Replaceable::kThroughout)));
  static std::vector<LinkedSet> old;
  static Session* the_session;
  static LinkedSet* the_set;
  static ObjectBytes second;
  the_session = session.get(), the_set = &set, second = make(2);
  auto* outer = function<int(void (*)())>(set, "outer");
  EXPECT_EQ(outer([] { old.push_back(replaced(*the_session, *the_set, replaceable(second, "v2"))); }), 2);
  old.clear();
}

constexpr const char* kCounter =
    "static int hidden; int shown = 10; int version(void) { return VERSION; }"
    "int count(void) { return ++hidden * 1000 + ++shown; }";

ObjectBytes counter(int n, std::string_view flags) {
  std::string source = kCounter;
  source.replace(source.find("VERSION"), 7, std::to_string(n));
  return c_object(source, flags);
}

class KeepState : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Models, KeepState,
                         testing::Values("-O0", "-O2", "-O2 -fPIC", "-O2 -fdata-sections", "-O2 -mcmodel=large"));

TEST_P(KeepState, VariablesSurviveThreeVersions) {
  const auto session = new_session();
  LinkedSet set = must(session->link(replaceable(counter(1, GetParam()), "v1")));
  EXPECT_EQ(function<GetInt>(set, "count")(), 1011);
  for (int n = 2; n <= 4; ++n) {
    const LinkedSet old = replaced(*session, set, replaceable(counter(n, GetParam()), "next"), true);
    EXPECT_EQ(function<GetInt>(set, "version")(), n);
    EXPECT_EQ(function<GetInt>(set, "count")(), 1011 + 1001 * (n - 1));
    EXPECT_GT(set.plan().kept_section_count, 0u);
  }
}

TEST(Replace, VariablesStartAnewUnlessKept) {
  const auto session = new_session();
  LinkedSet set = must(session->link(replaceable(counter(1, "-O2"), "v1")));
  function<GetInt>(set, "count")();
  replaced(*session, set, replaceable(counter(2, "-O2"), "v2"));
  EXPECT_EQ(function<GetInt>(set, "count")(), 1011);
}

TEST(Replace, GlobalVariableSurvivesWhenItsSectionChanges) {
  const auto session = new_session();
  LinkedSet set =
      must(session->link(replaceable(c_object("int a = 1; int next(void) { return ++a; }", "-O1 -fPIC"), "v1")));
  EXPECT_EQ(function<GetInt>(set, "next")(), 2);
  replaced(*session, set,
           replaceable(c_object("int b = 7, a = 1; int next(void) { return a += b; }", "-O1 -fPIC"), "v2"), true);
  EXPECT_EQ(set.plan().kept_symbol_count, 1u);
  EXPECT_EQ(function<GetInt>(set, "next")(), 9);
}

TEST(Replace, ConstructedObjectsSurviveAndAreDestroyedOnce) {
  const auto session = new_session();
  static std::string log;
  log.clear();
  must(session->define("note", TargetAddr{reinterpret_cast<std::uint64_t>(+[](char c) { log += c; })},
                       HostSymbolKind::kFunction));
  const auto make = [](int n) {
    return cxx_object(
        "extern \"C\" void note(char); struct S { int n = 0; S() { note('c'); } ~S() { note('d'); } } s;"
        "extern \"C\" int next() { return ++s.n * 10 + " +
        std::to_string(n) + "; }");
  };
  LinkedSet set = must(session->link(replaceable(make(1), "v1")));
  EXPECT_EQ(function<GetInt>(set, "next")(), 11);
  replaced(*session, set, replaceable(make(2), "v2"), true);
  EXPECT_EQ(function<GetInt>(set, "next")(), 22);
  EXPECT_EQ(log, "c");
  EXPECT_TRUE(set.unload().has_value());
  EXPECT_EQ(log, "cd");
}

TEST(Replace, DataReachedThroughASlotIsTheNewVersions) {
  const auto session = new_session();
  LinkedSet set = must(session->link(replaceable(c_object("int value = 1;"), "v1")));
  const LinkedSet user =
      must(session->link(set_of(c_object("extern int value; int get(void) { return value; }", "-O1 -fPIC"), "user")));
  EXPECT_EQ(function<GetInt>(user, "get")(), 1);
  replaced(*session, set, replaceable(c_object("int other, value = 2;"), "v2"));
  EXPECT_EQ(function<GetInt>(user, "get")(), 2);
}

TEST(Replace, DataAddressedDirectlyHasToStay) {
  const auto session = new_session();
  LinkedSet set = must(session->link(replaceable(c_object("int value = 1;"), "v1")));
  const LinkedSet user =
      must(session->link(set_of(c_object("extern int value; int get(void) { return value; }", "-O1 -fPIE"), "user")));
  const Error error = error_of(session->replace(set, replaceable(c_object("int value = 2;"), "v2")));
  EXPECT_EQ(error.code(), ErrorCode::kInUse);
  replaced(*session, set, replaceable(c_object("int value = 2;"), "v2"), true);
  EXPECT_EQ(function<GetInt>(user, "get")(), 1);
}

TEST(Replace, FailureToLinkLeavesTheOldVersion) {
  const auto session = new_session();
  LinkedSet set = must(session->link(replaceable(version(1), "v1")));
  const Error error = error_of(
      session->replace(set, replaceable(c_object("int gone(void); int version(void) { return gone(); }"), "v2")));
  EXPECT_EQ(error.code(), ErrorCode::kUndefinedSymbol);
  EXPECT_EQ(function<GetInt>(set, "version")(), 1);
  EXPECT_TRUE(set.unload().has_value());
}

TEST(Replace, SetThatIsNotReplaceableIsRefused) {
  const auto session = new_session();
  LinkedSet set = must(session->link(set_of(version(1))));
  EXPECT_EQ(error_of(session->replace(set, set_of(version(2)))).code(), ErrorCode::kInvalidArgument);
}

TEST(Replace, IndirectFunctionIsSwitched) {
  const auto session = new_session();
  const auto make = [](int n) {
    return c_object("static int f(void) { return " + std::to_string(n) +
                    "; } static void *pick(void) { return f; }"
                    "int chosen(void) __attribute__((ifunc(\"pick\")));");
  };
  LinkedSet set = must(session->link(replaceable(make(1), "v1")));
  GetInt* call = function<GetInt>(set, "chosen");
  EXPECT_EQ(call(), 1);
  replaced(*session, set, replaceable(make(2), "v2"));
  EXPECT_EQ(call(), 2);
}

TEST(Replace, RingOfUsesIsUnloaded) {
  const auto session = new_session();
  {
    LinkedSet set = must(session->link(replaceable(version(1), "v1")));
    const LinkedSet user =
        must(session->link(set_of(c_object("int version(void); int call(void) { return version(); }"), "user")));
    replaced(*session, set,
             replaceable(c_object("int call(void); int version(void) { return 2; } int back(void) { return call(); }"),
                         "v2"));
    EXPECT_EQ(function<GetInt>(set, "back")(), 2);
    EXPECT_EQ(error_of(set.unload()).code(), ErrorCode::kInUse);
  }
  session->trim();
  EXPECT_EQ(session->memory_use().block_count, 0u);
}

// No call fails, and each sees the old or the new version. The thread that calls tells when it has left the old code.
TEST(Replace, TenThousandTimesUnderAThreadThatCalls) {
  const auto session = new_session();
  const ObjectBytes versions[] = {version(0), version(1)};
  LinkedSet set = must(session->link(replaceable(versions[0], "v")));
  GetInt* call = function<GetInt>(set, "version");
  std::atomic<bool> stop = false;
  std::atomic<std::uint64_t> calls = 0, wrong = 0;
  std::jthread caller([&] {
    while (!stop.load(std::memory_order_relaxed)) {
      const int seen = call();
      if (seen != 0 && seen != 1) wrong.fetch_add(1);
      calls.fetch_add(1);
    }
  });
  std::vector<LinkedSet> old;  // that the other thread may be in
  for (int n = 1; n <= 10'000; ++n) {
    old.push_back(replaced(*session, set, replaceable(versions[n % 2], "v")));
    ASSERT_EQ(call(), n % 2);
    if (n % 100 != 0) continue;  // on a busy machine, each wait for the other thread takes milliseconds
    const std::uint64_t before = calls.load();
    while (calls.load() < before + 2) std::this_thread::yield();
    old.clear();
  }
  stop = true;
  caller.join();
  EXPECT_EQ(wrong.load(), 0u);
  EXPECT_GE(calls.load(), 200u);
}

// Threads that are in a set that uses the replaced one: its calls, and its slot of a variable, are switched under them.
TEST(Replace, UsersAreSwitchedUnderThreadsThatCall) {
  const auto session = new_session();
  const auto next = [](int n) {
    const std::string digit = std::to_string(n);
    return replaceable(c_object("int value = " + digit + "; int version(void) { return " + digit + "; }"), "v");
  };
  LinkedSet set = must(session->link(next(0)));
  const LinkedSet user = must(session->link(set_of(
      c_object("extern int value; int version(void); int both(void) { return 10 * version() + value; }", "-O1 -fPIC"),
      "user")));
  GetInt* both = function<GetInt>(user, "both");
  std::atomic<bool> stop = false;
  std::atomic<std::uint64_t> calls[2] = {}, wrong = 0;
  std::vector<std::jthread> callers;
  for (std::atomic<std::uint64_t>& count : calls) {
    callers.emplace_back([&] {
      while (!stop.load(std::memory_order_relaxed)) {
        const int seen = both();
        if (seen != 0 && seen != 1 && seen != 10 && seen != 11) wrong.fetch_add(1);
        count.fetch_add(1);
      }
    });
  }
  for (int n = 1; n <= 100; ++n) {
    const LinkedSet old = replaced(*session, set, next(n % 2));
    for (std::atomic<std::uint64_t>& count : calls) {  // until both have left the old version
      const std::uint64_t before = count.load();
      while (count.load() < before + 2) std::this_thread::yield();
    }
    EXPECT_EQ(both(), n % 2 * 11);
  }
  stop = true;
  callers.clear();
  EXPECT_EQ(wrong.load(), 0u);
}

}  // namespace
}  // namespace enfold::test
