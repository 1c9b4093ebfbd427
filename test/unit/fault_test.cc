// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every system call and every registration of a link, an unloading and a replacement fails once, in turn, for each kind
// of memory: what could not be done has not been done, and what was done goes on.
#include <cerrno>
#include <string>

#include <gtest/gtest.h>

#include "../memory/support.h"
#include "memory/pooled_memory.h"
#include "support.h"
#include "watch.h"

namespace enfold::test {
namespace {

constexpr int kForever = 1'000'000;

struct Fault {
  const char* name;
  int error;
  int count;  // calls in a row that fail
};
constexpr Fault kFaults[] = {{"Once", ENOMEM, 1}, {"Refused", EPERM, 1}, {"FromThenOn", ENOMEM, kForever}};

class Faults : public testing::TestWithParam<std::tuple<MemoryKind, Fault>> {
 protected:
  // A process with nothing linked, whose `n`-th system call from arm() on fails.
  struct World {
    explicit World(MemoryKind kind) {
      SessionOptions options = watched(watch);
      options.memory = memory::make_pooled_memory(system, kind);
      session = must(Session::create(std::move(options)));
    }
    void arm(int n, const Fault& fault) {
      system.calls = 0;
      system.failure = fault.error;
      system.fail_count = fault.count;
      system.fail_from = n;
    }
    bool disarm(int n) {  // whether there were as many calls
      system.fail_from = 0;
      return system.calls >= n;
    }
    memory::WatchedSystem system;
    Watch watch;
    std::unique_ptr<Session> session;
  };

  static MemoryKind kind() { return std::get<0>(GetParam()); }
  static const Fault& fault() { return std::get<1>(GetParam()); }
};

INSTANTIATE_TEST_SUITE_P(
    Kinds, Faults,
    testing::Combine(testing::Values(MemoryKind::kAliased, MemoryKind::kForced, MemoryKind::kStrict),
                     testing::ValuesIn(kFaults)),
    [](const auto& input) { return std::string(name(std::get<0>(input.param))) + std::get<1>(input.param).name; });

ObjectSet version(int n) {
  ObjectSet set = set_of(c_object("int value = 40; const int table[] = {1, 2, 3}; int version(void) { return value + " +
                                  std::to_string(n) + "; }"),
                         "v" + std::to_string(n));
  set.options().replaceable = Replaceable::kByOthers;
  return set;
}

ObjectSet user() {
  return set_of(c_object("int version(void); extern int value; int call(void) { return version(); }", "-O1 -fPIC"),
                "user");
}

TEST_P(Faults, InALinkLeaveNothingOrDoNoHarm) {
  for (int n = 1; n < 1000; ++n) {
    World world(kind());
    world.arm(n, fault());
    Expected<LinkedSet> set = world.session->link(version(2));
    const bool met = world.disarm(n);
    if (set) {
      EXPECT_EQ(call<int()>(*set, "version"), 42) << "call " << n;
      must(set->unload());
    } else {
      EXPECT_EQ(set.error().code(), ErrorCode::kMemory) << set.error().text();
      EXPECT_EQ(error_of(world.session->address("version")).code(), ErrorCode::kNotFound);
    }
    EXPECT_TRUE(world.watch.nothing_held()) << "call " << n;
    EXPECT_EQ(world.session->memory_use().block_count, 0u) << "call " << n;
    EXPECT_EQ(call<int()>(must(world.session->link(version(3))), "version"), 43) << "after call " << n;
    if (!met || HasFailure()) return;
  }
  FAIL() << "too many calls";
}

TEST_P(Faults, InAnUnloadingDoNotShow) {
  for (int n = 1; n < 1000; ++n) {
    World world(kind());
    LinkedSet set = must(world.session->link(version(2)));
    world.arm(n, fault());
    must(set.unload());
    world.session->trim();
    const bool met = world.disarm(n);
    EXPECT_TRUE(world.watch.nothing_held()) << "call " << n;
    EXPECT_EQ(world.session->memory_use().block_count, 0u) << "call " << n;
    EXPECT_EQ(call<int()>(must(world.session->link(version(3))), "version"), 43) << "after call " << n;
    if (!met || HasFailure()) return;
  }
  FAIL() << "too many calls";
}

TEST_P(Faults, InAReplacementLeaveTheOldVersion) {
  for (int n = 1; n < 1000; ++n) {
    World world(kind());
    LinkedSet set = must(world.session->link(version(1)));
    const LinkedSet caller = must(world.session->link(user()));
    world.arm(n, fault());
    {
      const Expected<LinkedSet> old = world.session->replace(set, version(2));
      EXPECT_EQ(call<int()>(caller, "call"), old ? 42 : 41) << "call " << n;
      EXPECT_EQ(set.name(), old ? "v2" : "v1");
    }
    const bool met = world.disarm(n);
    EXPECT_EQ(world.watch.frame_tables, 2) << "call " << n;
    const LinkedSet old = must(world.session->replace(set, version(3)));
    EXPECT_EQ(call<int()>(caller, "call"), 43) << "after call " << n;
    if (!met || HasFailure()) return;
  }
  FAIL() << "too many calls";
}

// The same for what the process is asked to register.
TEST(RegistrationFaults, InAReplacementLeaveTheOldVersion) {
  for (int n = 1; n < 1000; ++n) {
    Watch watch;
    const auto session = must(Session::create(watched(watch)));
    LinkedSet set = must(session->link(version(1)));
    const LinkedSet caller = must(session->link(user()));
    watch.call_count = 0;
    watch.fail_at = n;
    Expected<LinkedSet> old = session->replace(set, version(2));
    const bool met = watch.call_count >= n;
    watch.fail_at = 0;
    ASSERT_EQ(old.has_value(), !met) << "call " << n;
    EXPECT_EQ(call<int()>(caller, "call"), old ? 42 : 41) << "call " << n;
    EXPECT_EQ(watch.frame_tables, old ? 3 : 2) << "call " << n;
    if (!met) return;
  }
  FAIL() << "too many calls";
}

}  // namespace
}  // namespace enfold::test
