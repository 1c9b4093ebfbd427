// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Whoever is bound to a version that was replaced keeps the newest one.
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "support.h"

namespace enfold::test {
namespace {

ObjectSet replaceable(ObjectBytes object, std::string name) {
  ObjectSet set = set_of(object, std::move(name));
  set.options().replaceable = Replaceable::kByOthers;
  return set;
}

ObjectBytes version(int n) { return c_object("int version(void) { return " + std::to_string(n) + "; }"); }

// A link under way binds to a version that is replaced meanwhile.
TEST(Versions, LinkUnderWayFollowsAReplacement) {
  SessionOptions options;
  std::function<void()> at_layout;
  options.progress = [&](std::string_view pass, std::size_t, std::size_t) {
    if (pass == "layout" && at_layout) std::exchange(at_layout, {})();
  };
  const auto session = must(Session::create(std::move(options)));
  std::optional<LinkedSet> set = must(session->link(replaceable(version(1), "v1")));
  at_layout = [&] { must(session->replace(*set, replaceable(version(2), "v2"))); };
  const LinkedSet user =
      must(session->link(set_of(c_object("int version(void); int call(void) { return version(); }"), "user")));
  EXPECT_EQ(call<int()>(user, "call"), 2);
  EXPECT_EQ(error_of(set->unload()).code(), ErrorCode::kInUse);
  set.reset();
  EXPECT_EQ(call<int()>(user, "call"), 2);
}

TEST(Versions, UserOfARetiredVersionKeepsTheNewest) {
  const auto session = new_session();
  std::optional<LinkedSet> set = must(session->link(replaceable(version(1), "v1")));
  std::optional<LinkedSet> old = must(session->replace(*set, replaceable(version(2), "v2")));
  ObjectSet input = set_of(c_object("int version(void); int call(void) { return version(); }"), "user");
  input.use(*old);
  const LinkedSet user = must(session->link(std::move(input)));
  old.reset();
  set.reset();
  EXPECT_EQ(call<int()>(user, "call"), 2);
}

// Calls are made by way of the stubs, too, wherever they are.
TEST(Versions, VersionThatCallsThroughoutLiesNearTheStubs) {
  const auto session = new_session();
  ObjectSet first =
      replaceable(c_object("static int t[2] = {1, 2}; int f(int i) { return t[i]; }", "-O1 -fno-pic -fno-pie"), "v1");
  first.options().replaceable = Replaceable::kThroughout;
  LinkedSet set = must(session->link(std::move(first)));
  const LinkedSet old = must(session->replace(
      set, replaceable(c_object("int f(int i) { return i > 1 ? f(i - 1) + 1 : i; } int g(int i) { return f(i); }",
                                "-O1 -fPIC -fno-inline -fno-optimize-sibling-calls"),
                       "v2")));
  EXPECT_EQ(call<int(int)>(set, "g", 5), 5);
}

TEST(Versions, DefiningTwiceBehindAWeakDefinitionIsAnError) {
  const auto session = new_session();
  const LinkedSet one = must(session->link(set_of(c_object("__attribute__((weak)) int f(void) { return 1; }"))));
  must(session->define("f", TargetAddr{2}));
  EXPECT_EQ(error_of(session->define("f", TargetAddr{1})).code(), ErrorCode::kDuplicateSymbol);
}

// The first version lies below 2 GiB, and so do its stubs; the second does not, and refers to its own function.
TEST(Versions, VersionMayLieFarFromTheStubs) {
  const auto session = new_session();
  LinkedSet set = must(session->link(
      replaceable(c_object("static int t[2] = {1, 2}; int f(int i) { return t[i]; } int (*g(void))(int) { return f; }",
                           "-O1 -fno-pic -fno-pie"),
                  "v1")));
  const Expected<LinkedSet> old = session->replace(
      set,
      replaceable(c_object("int f(int i) { return i + 5; } int (*g(void))(int) { return f; }", "-O1 -fPIC"), "v2"));
  ASSERT_TRUE(old) << old.error().text();
  EXPECT_EQ(call<int(int)>(set, "f", 1), 6);
}

TEST(Versions, NoPltOwnCallsStayWithinTheirVersion) {
  const auto session = new_session();
  const auto make = [](int n) {
    return c_object("int inner(void) { return " + std::to_string(n) +
                        "; } int outer(void (*between)(void)) { if (between) between(); return inner(); }",
                    "-O1 -fno-inline -fno-ipa-ra -fPIC -fno-plt");
  };
  LinkedSet set = must(session->link(replaceable(make(1), "v1")));
  static std::vector<LinkedSet> old;
  static Session* the_session;
  static LinkedSet* the_set;
  static ObjectBytes second;
  the_session = session.get(), the_set = &set, second = make(2);
  auto* outer = function<int(void (*)())>(set, "outer");
  EXPECT_EQ(outer([] { old.push_back(must(the_session->replace(*the_set, replaceable(second, "v2")))); }), 1);
  old.clear();
}

}  // namespace
}  // namespace enfold::test
