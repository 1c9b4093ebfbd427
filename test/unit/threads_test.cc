// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Several threads link into one session at once.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "support.h"

namespace enfold::test {
namespace {

constexpr int kThreadCount = 4, kRounds = kShadowMemory ? 20 : 200;

template <class Work>
void on_threads(Work&& work) {
  std::vector<std::jthread> threads;
  for (int t = 0; t < kThreadCount; ++t) threads.emplace_back([&work, t] { work(t); });
}

TEST(Threads, LinkPrivateSetsOfTheSameSymbol) {
  const auto session = new_session();
  const ObjectBytes object = c_object("static int n = 41; int f(void) { return ++n; }");
  std::atomic<int> good = 0;
  on_threads([&](int) {
    for (int i = 0; i < kRounds; ++i) {
      Expected<LinkedSet> set = session->link(private_set(object));
      if (set && call<int()>(*set, "f") == 42 && set->unload()) ++good;
    }
  });
  EXPECT_EQ(good, kThreadCount * kRounds);
}

TEST(Threads, LinkSetsThatOthersSee) {
  const auto session = new_session();
  std::vector<ObjectBytes> objects;
  for (int t = 0; t < kThreadCount; ++t) {
    objects.push_back(c_object("int base(void); int f" + std::to_string(t) + "(void) { return base() + 2; }"));
  }
  LinkedSet base = must(session->link(set_of(c_object("int base(void) { return 40; }"))));
  std::atomic<int> good = 0;
  on_threads([&](int t) {
    const std::string name = "f" + std::to_string(t);
    for (int i = 0; i < kRounds; ++i) {
      Expected<LinkedSet> set = session->link(set_of(objects[static_cast<std::size_t>(t)], name));
      if (set && session->address(name) && call<int()>(*set, name.c_str()) == 42) ++good;
    }
  });
  EXPECT_EQ(good, kThreadCount * kRounds);
  must(base.unload());  // nobody is left
}

TEST(Threads, OfStrongDefinitionsOneWins) {
  const auto session = new_session();
  const ObjectBytes object = c_object("int contested(void) { return 1; }");
  for (int i = 0; i < kRounds / 4; ++i) {
    std::atomic<int> winners = 0, others = 0;
    std::vector<Expected<LinkedSet>> sets;
    for (int t = 0; t < kThreadCount; ++t) sets.emplace_back(std::unexpected(Error(ErrorCode::kNotFound, "")));
    on_threads([&](int t) {
      Expected<LinkedSet> set = session->link(set_of(object));
      (set ? winners : others) += 1;
      EXPECT_TRUE(set || set.error().code() == ErrorCode::kDuplicateSymbol);
      sets[static_cast<std::size_t>(t)] = std::move(set);
    });
    EXPECT_EQ(winners, 1);
    EXPECT_EQ(others, kThreadCount - 1);
  }
}

TEST(Threads, ThrowWhileOthersLinkAndUnload) {
  const auto session = new_session();
  const ObjectBytes object = cxx_object("extern \"C\" int f(int n) { try { throw n; } catch (int m) { return m; } }");
  std::atomic<int> good = 0;
  on_threads([&](int) {
    for (int i = 0; i < kRounds; ++i) {
      Expected<LinkedSet> set = session->link(private_set(object));
      if (set && call<int(int)>(*set, "f", i) == i) ++good;
    }
  });
  EXPECT_EQ(good, kThreadCount * kRounds);
}

// What a set's own code waits for may be another thread, at work on the same session: initialisers and finalisers run
// outside every lock.
struct Elsewhere {
  Session* session = nullptr;
  ObjectBytes object;
  int answers = 0;
};
Elsewhere* elsewhere = nullptr;

void work_elsewhere() {
  std::jthread([] {
    LinkedSet set = must(elsewhere->session->link(private_set(elsewhere->object)));
    const bool unknown = !elsewhere->session->address("nobody");
    if (call<int()>(set, "f") == 42 && unknown && set.unload()) ++elsewhere->answers;
  });  // and waits for it
}

TEST(Threads, LinkAndUnloadWhileInitialisersAndFinalisersWait) {
  const auto session = new_session();
  Elsewhere here{session.get(), c_object("int f(void) { return 42; }")};
  elsewhere = &here;
  must(session->define("work_elsewhere", target(&work_elsewhere), HostSymbolKind::kFunction));
  const auto version = [](int n) {
    ObjectSet set = set_of(c_object("void work_elsewhere(void);\n"
                                    "__attribute__((constructor)) static void up(void) { work_elsewhere(); }\n"
                                    "__attribute__((destructor)) static void down(void) { work_elsewhere(); }\n"
                                    "int version(void) { return " + std::to_string(n) + "; }"),
                           "v");
    set.options().replaceable = Replaceable::kByOthers;
    return set;
  };
  LinkedSet set = must(session->link(version(1)));
  EXPECT_EQ(here.answers, 1);
  { const LinkedSet old = must(session->replace(set, version(2))); }
  EXPECT_EQ(here.answers, 3);
  must(set.unload());
  EXPECT_EQ(here.answers, 4);
  elsewhere = nullptr;
}

}  // namespace
}  // namespace enfold::test
