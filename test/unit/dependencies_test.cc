// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Who keeps whom loaded, in which order sets go, and what destructors may do meanwhile.
#include <algorithm>
#include <atomic>
#include <functional>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "notes.h"
#include "support.h"

namespace enfold::test {
namespace {

// What destructors call back, by number.
std::function<void(int)> on_callback;
void call_back(int n) {
  note(n);
  if (on_callback) on_callback(n);
}

// A set NAME that defines NAME(), the sum of what it calls and one, and notes `n` when it goes.
ObjectSet input(const std::string& name, std::vector<std::string> calls = {}, int n = 0,
                Visibility visibility = Visibility::kSession) {
  std::string source, sum = "1";
  for (const std::string& callee : calls) {
    source += "int " + callee + "(void);\n";
    sum += " + " + callee + "()";
  }
  source += "int " + name + "(void) { return " + sum + "; }\n";
  source += "void call_back(int);\n";
  source += "__attribute__((destructor)) static void out(void) { call_back(" + std::to_string(n) + "); }\n";
  ObjectSet set = set_of(c_object(source), name);
  set.options().visibility = visibility;
  return set;
}

struct Dependencies : WithNotes {
  Dependencies() { must(session->define("call_back", target(&call_back), HostSymbolKind::kFunction)); }
  ~Dependencies() override { on_callback = nullptr; }

  LinkedSet link(const std::string& name, std::vector<std::string> calls = {}, int n = 0) {
    return must(session->link(input(name, std::move(calls), n)));
  }
};

std::vector<std::string> users_of(const LinkedSet& set) {
  std::vector<std::string> users;
  for (const SetUse& use : set.users()) users.push_back(use.set + ":" + use.symbol + ":" + std::string(name(use.kind)));
  std::ranges::sort(users);
  return users;
}

std::string binding(const std::string& set, const std::string& symbol) {
  return set + ":" + symbol + ":" + std::string(name(UseKind::kBinding));
}

using Names = std::vector<std::string>;

// Chains and diamonds

TEST_F(Dependencies, ChainIsUnloadedFromItsEndOnly) {
  LinkedSet a = link("a"), b = link("b", {"a"}), c = link("c", {"b"});
  EXPECT_EQ(error_of(a.unload()).code(), ErrorCode::kInUse);
  EXPECT_EQ(error_of(b.unload()).code(), ErrorCode::kInUse);
  EXPECT_EQ(call<int()>(c, "c"), 3);
  must(c.unload());
  must(b.unload());
  must(a.unload());
}

TEST_F(Dependencies, DiamondIsHeldFromBothSides) {
  LinkedSet base = link("base"), left = link("left", {"base"}), right = link("right", {"base"});
  LinkedSet top = link("top", {"left", "right"});
  EXPECT_EQ(call<int()>(top, "top"), 5);
  must(top.unload());
  must(left.unload());
  EXPECT_EQ(error_of(base.unload()).code(), ErrorCode::kInUse);
  must(right.unload());
  must(base.unload());
}

TEST_F(Dependencies, UsersAreListedSymbolBySymbol) {
  const LinkedSet base = must(session->link(set_of(c_object("int f(void) { return 1; } int g(void) { return 2; }"))));
  const LinkedSet one = link("one", {"f", "g"}), two = link("two", {"g"});
  EXPECT_EQ(users_of(base), (Names{binding("one", "f"), binding("one", "g"), binding("two", "g")}));
}

TEST_F(Dependencies, UserIsListedNoMoreOnceItIsGone) {
  const LinkedSet base = link("base");
  LinkedSet one = link("one", {"base"}), two = link("two", {"base"}), three = link("three", {"base"});
  must(one.unload());
  EXPECT_EQ(users_of(base), (Names{binding("three", "base"), binding("two", "base")}));
  must(three.unload());
  EXPECT_EQ(users_of(base), (Names{binding("two", "base")}));
}

TEST_F(Dependencies, FailedLinkIsNoUser) {
  LinkedSet base = link("base");
  EXPECT_FALSE(session->link(input("bad", {"base", "nobody"})));
  EXPECT_TRUE(base.users().empty());
  must(base.unload());
}

TEST_F(Dependencies, ErrorHasACauseForEachUse) {
  LinkedSet base =
      must(session->link(set_of(c_object("int f(void) { return 1; } int g(void) { return 2; }"), "the base")));
  const LinkedSet one = link("one", {"f", "g"}), two = link("two", {"g"});
  const Error error = error_of(base.unload());
  EXPECT_EQ(error.code(), ErrorCode::kInUse);
  EXPECT_NE(error.message().find("the base"), std::string::npos);
  Names causes;
  for (const Error& cause : error.causes()) causes.push_back(cause.place().symbol + ": " + cause.message());
  std::ranges::sort(causes);
  const std::string how(name(UseKind::kBinding));
  EXPECT_EQ(causes, (Names{"f: 'one' " + how, "g: 'one' " + how, "g: 'two' " + how}));
}

TEST_F(Dependencies, SetsMayHaveOneName) {
  LinkedSet base = link("base");
  ObjectSet named = input("one", {"base"}), named_alike = input("two", {"base"});
  LinkedSet one = must(session->link(set_of(named.inputs()[0].bytes, "same")));
  LinkedSet two = must(session->link(set_of(named_alike.inputs()[0].bytes, "same")));
  must(one.unload());
  EXPECT_EQ(users_of(base), Names{binding("same", "base")});
}

// Without handles

TEST_F(Dependencies, DroppedSetGoesWithItsLastUserAndNotBefore) {
  std::optional<LinkedSet> base = link("base", {}, 1), one = link("one", {"base"}, 2), two = link("two", {"base"}, 3);
  base.reset();
  one.reset();
  EXPECT_EQ(notes(), Noted{2});
  two.reset();
  EXPECT_EQ(notes(), (Noted{2, 3, 1}));
}

TEST_F(Dependencies, DroppedDiamondGoesFromItsTop) {
  std::optional<LinkedSet> base = link("base", {}, 1), left = link("left", {"base"}, 2);
  std::optional<LinkedSet> right = link("right", {"base"}, 3), top = link("top", {"left", "right"}, 4);
  base.reset();
  left.reset();
  right.reset();
  EXPECT_TRUE(notes().empty());
  top.reset();
  ASSERT_EQ(notes().size(), 4u);
  EXPECT_EQ(notes().front(), 4);
  EXPECT_EQ(notes().back(), 1);
}

TEST_F(Dependencies, SetWhoseUserIsUnloadedKeepsItsHandle) {
  LinkedSet base = link("base", {}, 1);
  { const LinkedSet user = link("user", {"base"}, 2); }
  EXPECT_EQ(notes(), Noted{2});
  EXPECT_EQ(call<int()>(base, "base"), 1);
}

TEST_F(Dependencies, LongChainWithoutHandlesGoesAtOnce) {
  constexpr int kLength = 30;
  std::vector<LinkedSet> chain;
  for (int i = 0; i < kLength; ++i) {
    chain.push_back(link("f" + std::to_string(i), i == 0 ? Names{} : Names{"f" + std::to_string(i - 1)}, i));
  }
  chain.erase(chain.begin(), chain.end() - 1);
  EXPECT_TRUE(notes().empty());
  EXPECT_EQ(call<int()>(chain[0], "f29"), kLength);
  chain.clear();
  EXPECT_EQ(notes().size(), 30u);
  EXPECT_TRUE(std::ranges::is_sorted(notes(), std::greater<>()));
}

// unload_all

TEST_F(Dependencies, AllAreUnloadedUsersFirst) {
  const LinkedSet base = link("base", {}, 1), left = link("left", {"base"}, 2);
  const LinkedSet right = link("right", {"base"}, 3), top = link("top", {"left", "right"}, 4);
  must(session->unload_all());
  EXPECT_EQ(notes(), (Noted{4, 3, 2, 1}));
}

TEST_F(Dependencies, PrivateAndDroppedSetsAreUnloadedWithAll) {
  const LinkedSet hidden = must(session->link(input("hidden", {}, 1, Visibility::kPrivate)));
  std::optional<LinkedSet> base = link("base", {}, 2);
  const LinkedSet user = link("user", {"base"}, 3);
  base.reset();
  must(session->unload_all());
  EXPECT_EQ(notes(), (Noted{3, 2, 1}));
}

TEST_F(Dependencies, NothingIsVisibleOnceAllAreUnloaded) {
  const LinkedSet base = link("base");
  must(session->unload_all());
  EXPECT_EQ(error_of(session->address("base")).code(), ErrorCode::kNotFound);
  must(session->address("call_back"));  // defined addresses stay
}

TEST_F(Dependencies, SessionGoesOnOnceAllAreUnloaded) {
  const LinkedSet base = link("base");
  must(session->unload_all());
  const LinkedSet again = link("base"), user = link("user", {"base"});
  EXPECT_EQ(call<int()>(user, "user"), 2);
}

TEST_F(Dependencies, UnloadingNothingIsNoError) {
  must(session->unload_all());
  const LinkedSet set = link("f", {}, 1);
  must(session->unload_all());
  must(session->unload_all());
  EXPECT_EQ(notes(), Noted{1});
}

TEST_F(Dependencies, HandlesAreOfNoUseAndDoNoHarmOnceAllAreUnloaded) {
  std::optional<LinkedSet> base = link("base", {}, 1), user = link("user", {"base"}, 2);
  must(session->unload_all());
  EXPECT_EQ(base->name(), "base");
  EXPECT_EQ(error_of(base->address("base")).code(), ErrorCode::kNotFound);
  EXPECT_TRUE(base->users().empty());
  EXPECT_EQ(error_of(base->unload()).code(), ErrorCode::kInvalidArgument);
  *user = link("other", {}, 3);
  base.reset();
  user.reset();
  EXPECT_EQ(notes(), (Noted{2, 1, 3}));
}

TEST_F(Dependencies, HandlesDoNoHarmWhenTheSessionIsGone) {
  std::optional<LinkedSet> base = link("base", {}, 1), user = link("user", {"base"}, 2);
  must(session->unload_all());
  session.reset();
  base.reset();
  user.reset();
  EXPECT_EQ(notes(), (Noted{2, 1}));
}

// Destructors that call back. They run outside every lock, on the thread that unloads.

// How a set goes.
using Ending = void (*)(Session&, std::optional<LinkedSet>&);
struct NamedEnding {
  const char* name;
  Ending end;
};
const NamedEnding kEndings[] = {
    {"Unload", [](Session&, std::optional<LinkedSet>& set) { must(set->unload()); }},
    {"UnloadAll", [](Session& session, std::optional<LinkedSet>&) { must(session.unload_all()); }},
    {"Drop", [](Session&, std::optional<LinkedSet>& set) { set.reset(); }},
};

struct CallingBack : Dependencies, testing::WithParamInterface<NamedEnding> {
  void end() { GetParam().end(*session, leaving); }
  std::optional<LinkedSet> leaving = link("leaving", {}, 1);
};

INSTANTIATE_TEST_SUITE_P(During, CallingBack, testing::ValuesIn(kEndings),
                         [](const auto& ending) { return std::string(ending.param.name); });

TEST_P(CallingBack, MayLinkAnotherSet) {
  std::optional<LinkedSet> other;
  on_callback = [&](int) { other = link("other", {}, 2); };
  end();
  on_callback = nullptr;
  ASSERT_TRUE(other);
  EXPECT_EQ(call<int()>(*other, "other"), 1);
  other.reset();
  EXPECT_EQ(notes(), (Noted{1, 2}));
}

TEST_P(CallingBack, DoesNotSeeTheSetThatLeaves) {
  std::optional<ErrorCode> looked_up, linked;
  on_callback = [&](int) {
    looked_up = error_of(session->address("leaving")).code();
    linked = error_of(session->link(input("late", {"leaving"}))).code();
  };
  end();
  EXPECT_EQ(looked_up, ErrorCode::kNotFound);
  EXPECT_EQ(linked, ErrorCode::kUndefinedSymbol);
}

TEST_P(CallingBack, MayDefineTheNameAgain) {
  std::optional<LinkedSet> again;
  on_callback = [&](int) {
    on_callback = nullptr;
    again = link("leaving", {}, 2);
  };
  end();
  ASSERT_TRUE(again);
  EXPECT_EQ(must(session->address("leaving")), must(again->address("leaving")));
}

TEST_P(CallingBack, MayUnloadAll) {
  std::optional<LinkedSet> other = link("other", {}, 2);
  on_callback = [&](int n) {
    if (n == 1) must(session->unload_all());
  };
  end();
  EXPECT_EQ(std::ranges::count(notes(), 1), 1);
  EXPECT_EQ(std::ranges::count(notes(), 2), 1);
}

TEST_P(CallingBack, MayDropAnotherSet) {
  std::optional<LinkedSet> other = link("other", {}, 2);
  on_callback = [&](int n) {
    if (n == 1) other.reset();
  };
  end();
  EXPECT_EQ(std::ranges::count(notes(), 1), 1);
  EXPECT_EQ(std::ranges::count(notes(), 2), 1);
}

TEST_F(Dependencies, DestructorMayUnloadAnotherSet) {
  std::optional<LinkedSet> leaving = link("leaving", {}, 1), other = link("other", {}, 2);
  on_callback = [&](int n) {
    if (n == 1) must(other->unload());
  };
  must(leaving->unload());
  EXPECT_EQ(notes(), (Noted{1, 2}));
}

TEST_F(Dependencies, DestructorCannotUnloadItsOwnSetAgain) {
  std::optional<LinkedSet> leaving = link("leaving", {}, 1);
  std::optional<ErrorCode> again;
  on_callback = [&](int) { again = error_of(leaving->unload()).code(); };
  must(leaving->unload());
  EXPECT_EQ(again, ErrorCode::kInvalidArgument);
  EXPECT_EQ(notes(), Noted{1});
}

TEST_F(Dependencies, DestructorCannotUnloadWhatLeavesWithItsSet) {
  LinkedSet base = link("base", {}, 1);
  const LinkedSet user = link("user", {"base"}, 2);
  std::optional<ErrorCode> tried;
  on_callback = [&](int n) {
    if (n == 2) tried = error_of(base.unload()).code();
  };
  must(session->unload_all());
  EXPECT_EQ(tried, ErrorCode::kInvalidArgument);
  EXPECT_EQ(notes(), (Noted{2, 1}));
}

TEST_F(Dependencies, WhatADestructorLinkedSurvivesTheUnloadingOfAll) {
  std::optional<LinkedSet> base = link("base", {}, 1), late;
  on_callback = [&](int) { late = link("late", {}, 2); };
  must(session->unload_all());
  on_callback = nullptr;
  ASSERT_TRUE(late);
  EXPECT_EQ(call<int()>(*late, "late"), 1);
}

TEST_F(Dependencies, DestructorMayStillCallWhatItsSetUses) {
  const LinkedSet base = link("base", {}, 1);
  LinkedSet user = must(
      session->link(set_of(c_object("int base(void); void call_back(int);\n"
                                    "__attribute__((destructor)) static void out(void) { call_back(10 + base()); }\n"),
                           "user")));
  must(session->unload_all());
  EXPECT_EQ(notes(), (Noted{11, 1}));
}

// Looking for versions that need each other must not find what only a set needs whose destructors run.
TEST_F(Dependencies, WhatADestructorCallsStaysWhileOthersAreDropped) {
  ObjectSet first = input("replaced");
  first.options().replaceable = Replaceable::kByOthers;
  LinkedSet replaced = must(session->link(std::move(first)));
  must(session->replace(replaced, input("replaced")));
  notes().clear();
  std::optional<LinkedSet> base = link("base", {}, 1), other = link("other", {}, 3);
  const LinkedSet user_of_other = link("user_of_other", {"other"}, 4);
  std::optional<LinkedSet> user =
      must(session->link(set_of(c_object("int base(void); void call_back(int);\n"
                                         "__attribute__((destructor)) static void out(void) {\n"
                                         "  call_back(2); call_back(10 + base());\n"
                                         "}\n"),
                                "user")));
  base.reset();
  on_callback = [&](int n) {
    if (n == 2) other.reset();
  };
  user.reset();
  EXPECT_EQ(notes(), (Noted{2, 11, 1}));
}

// A set whose destructor waits until it is told, in a thread of its own, and calls what it uses then.
class LeavingUser {
 public:
  LeavingUser(LinkedSet user, const std::function<void(int)>& more) {
    on_callback = [&, more](int n) {
      if (n == 2) {
        leaving_.set_value();
        go_on_.get_future().wait();
      }
      if (more) more(n);
    };
    thread_ = std::thread([set = std::move(user)]() mutable { const LinkedSet gone = std::move(set); });
    leaving_.get_future().wait();
  }
  void finish() {
    go_on_.set_value();
    thread_.join();
  }

 private:
  std::promise<void> leaving_, go_on_;
  std::thread thread_;
};

constexpr char kLeaving[] = "int base(void); void call_back(int);\n"
                            "__attribute__((destructor)) static void out(void) {\n"
                            "  call_back(2); call_back(10 + base());\n"
                            "}\n";

TEST_F(Dependencies, WhatALeavingSetCallsGoesWithItWhenAllAreUnloaded) {
  const LinkedSet deep = link("deep", {}, 3), base = link("base", {"deep"}, 1), other = link("other", {}, 4);
  LeavingUser user(must(session->link(set_of(c_object(kLeaving), "user"))), nullptr);
  must(session->unload_all());
  EXPECT_EQ(notes(), (Noted{2, 4}));
  EXPECT_EQ(error_of(session->address("base")).code(), ErrorCode::kNotFound);  // for who comes later
  user.finish();
  EXPECT_EQ(notes(), (Noted{2, 4, 12, 1, 3}));
  EXPECT_EQ(session->memory_use().block_count, 0u);
}

TEST_F(Dependencies, WhatALeavingSetCallsIsNotUnloadedNorDropped) {
  std::optional<LinkedSet> base = link("base", {}, 1);
  LeavingUser user(must(session->link(set_of(c_object(kLeaving), "user"))), nullptr);
  EXPECT_EQ(error_of(base->unload()).code(), ErrorCode::kInUse);
  base.reset();
  EXPECT_EQ(notes(), (Noted{2}));
  user.finish();
  EXPECT_EQ(notes(), (Noted{2, 11, 1}));
}

// A version that leaves calls through stubs, which lead to its successor.
TEST_F(Dependencies, SuccessorOfALeavingVersionGoesWithIt) {
  const auto version = [](int n) {
    ObjectSet set = set_of(c_object("void call_back(int); int base(void) { return " + std::to_string(n) + "; }\n"
                                    "__attribute__((destructor)) static void out(void) {\n"
                                    "  int (*volatile f)(void) = base; call_back(10 * base() + f()); }\n"),
                           "versions");
    set.options().replaceable = Replaceable::kThroughout;
    return set;
  };
  LinkedSet newest = must(session->link(version(1)));
  LinkedSet old = must(session->replace(newest, version(4)));
  std::atomic<int> calls = 0;
  {
    LeavingUser user(must(session->link(set_of(c_object(kLeaving), "user"))), [&](int) { ++calls; });
    must(session->unload_all());
    user.finish();
  }
  EXPECT_GE(calls, 2);
  EXPECT_EQ(session->memory_use().block_count, 0u);
}

TEST_F(Dependencies, DestructorsRunOnceWhateverComesAfter) {
  {
    LinkedSet one = link("one", {}, 1), two = link("two", {"one"}, 2);
    must(two.unload());
    EXPECT_FALSE(two.unload());
    must(session->unload_all());
    must(session->unload_all());
    EXPECT_FALSE(one.unload());
  }
  EXPECT_EQ(notes(), (Noted{2, 1}));
}

// A link under way

struct UnderWay : Dependencies {
  UnderWay() {
    SessionOptions options;
    options.progress = [this](std::string_view pass, std::size_t, std::size_t) {
      if (pass == stop_at) std::exchange(at_stop, {})();
    };
    session = must(Session::create(std::move(options)));
    must(session->define("call_back", target(&call_back), HostSymbolKind::kFunction));
    base = link("base", {}, 1);
  }
  // Links a set that uses `base`, and does something when the pass begins.
  Expected<LinkedSet> link_user(std::string_view pass, std::function<void()> work, Names calls = {"base"}) {
    stop_at = pass;
    at_stop = std::move(work);
    Expected<LinkedSet> result = session->link(input("user", std::move(calls), 2));
    stop_at = "";
    return result;
  }

  std::string_view stop_at;
  std::function<void()> at_stop;
  std::optional<LinkedSet> base;
};

TEST_F(UnderWay, KeepsWhatItBindsToFromBeingUnloaded) {
  std::optional<Error> error;
  const LinkedSet user = must(link_user("layout", [&] { error = error_of(base->unload()); }));
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::kInUse);
  EXPECT_NE(error->text().find("under way"), std::string::npos) << error->text();
  EXPECT_EQ(call<int()>(user, "user"), 2);
}

TEST_F(UnderWay, KeepsAllFromBeingUnloaded) {
  const LinkedSet other = link("other", {}, 3);
  std::optional<ErrorCode> code;
  const LinkedSet user = must(link_user("publish", [&] { code = error_of(session->unload_all()).code(); }));
  EXPECT_EQ(code, ErrorCode::kInUse);
  EXPECT_TRUE(notes().empty());
  must(session->unload_all());
  EXPECT_EQ(notes(), (Noted{2, 3, 1}));
}

TEST_F(UnderWay, KeepsADroppedSet) {
  std::optional<LinkedSet> user = must(link_user("layout", [&] { base.reset(); }));
  EXPECT_TRUE(notes().empty());
  EXPECT_EQ(call<int()>(*user, "user"), 2);
  user.reset();
  EXPECT_EQ(notes(), (Noted{2, 1}));
}

TEST_F(UnderWay, LetsADroppedSetGoWhenItFails) {
  EXPECT_FALSE(link_user("layout", [&] { base.reset(); }, {"base", "nobody"}));
  EXPECT_EQ(notes(), Noted{1});
}

TEST_F(UnderWay, HoldsNothingOnceItFailed) {
  EXPECT_FALSE(link_user("layout", [] {}, {"base", "nobody"}));
  must(base->unload());
}

TEST_F(UnderWay, DoesNotSeeWhatIsUnloadedBeforeItBinds) {
  const Expected<LinkedSet> user = link_user("bind", [&] { must(base->unload()); });
  ASSERT_FALSE(user);
  EXPECT_EQ(user.error().code(), ErrorCode::kUndefinedSymbol);
}

TEST_F(UnderWay, HoldsTheSetsThatItNamesFromTheStart) {
  for (const bool share : {false, true}) {
    ObjectSet set = set_of(c_object("int f(void) { return 1; }"), "naming");
    share ? set.share_with(*base) : set.use(*base);
    std::optional<ErrorCode> code;
    stop_at = "open";
    at_stop = [&] { code = error_of(base->unload()).code(); };
    must(session->link(std::move(set)));
    EXPECT_EQ(code, ErrorCode::kInUse) << share;
  }
  must(base->unload());
}

TEST_F(UnderWay, PlanningHoldsNothingAfterwards) {
  must(session->plan(input("user", {"base"})));
  must(base->unload());
}

}  // namespace
}  // namespace enfold::test
