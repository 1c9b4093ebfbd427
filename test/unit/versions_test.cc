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

}  // namespace
}  // namespace enfold::test
