// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Two calls of one session at once: what docs/design.md says of pairs that no other test is about. An initialiser waits
// in the middle of a call, and what comes between is done there, by another thread.
#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "support.h"

namespace enfold::test {
namespace {

std::function<void()>& meanwhile() {
  static std::function<void()> part;
  return part;
}

struct CallsAtOnce : testing::Test {
  CallsAtOnce() {
    must(session->define("meanwhile", target(+[] { std::thread(meanwhile()).join(); }), HostSymbolKind::kFunction));
  }
  ObjectSet version(int n, bool waits) {
    const std::string start = "__attribute__((constructor)) static void in(void) { meanwhile(); }\n";
    ObjectSet set = private_set(c_object("void meanwhile(void);\n" + (waits ? start : "") +
                                         "int answer(void) { return " + std::to_string(n) + "; }"));
    set.options().replaceable = Replaceable::kByOthers;
    return set;
  }
  std::unique_ptr<Session> session = new_session();
};

TEST_F(CallsAtOnce, OfTwoThatReplaceASetTheFirstToEndWins) {
  LinkedSet set = must(session->link(version(1, false)));
  auto* const answer = function<int()>(set, "answer");
  std::optional<LinkedSet> first;
  meanwhile() = [&] { first = must(session->replace(set, version(3, false))); };
  EXPECT_EQ(error_of(session->replace(set, version(2, true))).code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(answer(), 3);
}

TEST_F(CallsAtOnce, ASetThatIsUnloadedMeanwhileIsNotReplaced) {
  LinkedSet set = must(session->link(version(1, false)));
  meanwhile() = [&] { must(set.unload()); };
  EXPECT_EQ(error_of(session->replace(set, version(2, true))).code(), ErrorCode::kInvalidArgument);
}

TEST_F(CallsAtOnce, ASetWhoseInitialisersRunIsNotUnloadedWithAll) {
  ErrorCode code{};
  meanwhile() = [&] { code = error_of(session->unload_all()).code(); };
  const LinkedSet set = must(session->link(version(1, true)));
  EXPECT_EQ(code, ErrorCode::kInUse);
  EXPECT_EQ(call<int()>(set, "answer"), 1);
}

TEST_F(CallsAtOnce, OfTwoThatDefineANameOneIsRefused) {
  for (int i = 0; i < 100; ++i) {
    const std::string name = "name" + std::to_string(i);
    std::atomic<int> defined = 0;
    {
      std::vector<std::jthread> threads;
      for (int t = 0; t < 2; ++t) {
        threads.emplace_back([&] {
          if (session->define(name, TargetAddr{4096}, HostSymbolKind::kData)) ++defined;
        });
      }
    }
    EXPECT_EQ(defined, 1);
  }
}

TEST_F(CallsAtOnce, MemoryIsTrimmedAndUsersAreListedWhileOthersLinkAndUnload) {
  const LinkedSet base = must(session->link(set_of(c_object("int base(void) { return 40; }"))));
  const ObjectBytes user = c_object("int base(void); int f(void) { return base() + 2; }");
  std::atomic<bool> stop = false;
  std::atomic<int> bad = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 3; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 200; ++i) {
          const Expected<LinkedSet> set = session->link(private_set(user));
          if (!set || call<int()>(*set, "f") != 42) ++bad;
        }
        stop = true;
      });
    }
    while (!stop) {
      session->trim();
      if (session->memory_use().block_count == 0) ++bad;
      for (const SetUse& use : base.users()) bad += use.symbol == "base" ? 0 : 1;
    }
  }
  EXPECT_EQ(bad, 0);
  EXPECT_TRUE(base.users().empty());
}

}  // namespace
}  // namespace enfold::test
