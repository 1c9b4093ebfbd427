// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sets that span more than direct references reach: zones, each with slots and stubs of its own.
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "support.h"

namespace enfold::test {
namespace {

// Object `self` of 4: 1.5 GiB of bss, and functions that use those of the next object.
ObjectBytes part(char self, char next, const char* flags = "-O1 -fPIC") {
  std::string source =
      "char bss_S[1536u << 20];\n"
      "int value_S = 'S';\n"
      "extern char bss_N[];\n"
      "extern int value_N;\n"
      "int own_S(void) { return value_S; }\n"
      "int own_N(void);\n"
      "int call_S(void) { return own_N(); }\n"           // a call of another zone
      "int load_S(void) { return value_N; }\n"           // a load from another zone
      "int (*point_S(void))(void) { return own_N; }\n"   // a function's address
      "char *own_bss_S(void) { return bss_S; }\n"
      "char *bss_of_next_S(void) { return bss_N; }\n"
      "char own_ends_S(char c) { bss_S[0] = c; bss_S[(1536u << 20) - 1] = c + 1;\n"
      "  return bss_S[0] + bss_S[(1536u << 20) - 1]; }\n"
      "int *pointer_S = &value_N;\n";
  for (char& c : source) c = c == 'S' ? self : c == 'N' ? next : c;
  return c_object(source, flags);
}

ObjectSet four_parts() {
  return set_of({{"a.o", part('a', 'b')}, {"b.o", part('b', 'c')}, {"c.o", part('c', 'd')}, {"d.o", part('d', 'a')}});
}

struct Zones : testing::Test {
  std::unique_ptr<Session> session = new_session();
  LinkedSet set = must(session->link(four_parts()));
};

TEST_F(Zones, AreMadeWhereTheSpanExceedsReach) {
  EXPECT_GT(set.plan().zone_count, 1u);
  EXPECT_GT(set.plan().size(), std::uint64_t{6} << 30);
}

TEST_F(Zones, HaveTextOnEitherSideOfBss) {
  const std::uint64_t first = value(must(set.address("own_a"))), last = value(must(set.address("own_d")));
  EXPECT_GT(last - first, std::uint64_t{3} << 30);
}

TEST_F(Zones, HaveTheirOwnSlotsAndStubs) {
  std::set<std::uint32_t> with_slots, with_stubs;
  for (const PlannedSegment& segment : set.plan().segments) {
    if (segment.slot_count != 0) with_slots.insert(segment.zone);
    if (segment.stub_count != 0) with_stubs.insert(segment.zone);
  }
  EXPECT_EQ(with_slots.size(), set.plan().zone_count);
  EXPECT_EQ(with_stubs.size(), set.plan().zone_count);
}

TEST_F(Zones, NameThemselvesAsTheReason) {
  bool named = false;
  for (const PlannedNeed& need : set.plan().needs) named = named || need.reason == Reason::kOtherZone;
  EXPECT_TRUE(named);
}

TEST_F(Zones, UseWhatWasPlanned) {
  std::uint64_t slots = 0, stubs = 0;
  for (const PlannedSegment& segment : set.plan().segments) {
    slots += segment.slot_count;
    stubs += segment.stub_count;
  }
  EXPECT_EQ(set.usage().slot_count, slots);
  EXPECT_EQ(set.usage().stub_count, stubs);
}

TEST_F(Zones, CallEachOther) {
  EXPECT_EQ(call<int()>(set, "call_a"), 'b');
  EXPECT_EQ(call<int()>(set, "call_b"), 'c');
  EXPECT_EQ(call<int()>(set, "call_c"), 'd');
  EXPECT_EQ(call<int()>(set, "call_d"), 'a');
}

TEST_F(Zones, LoadFromEachOther) {
  EXPECT_EQ(call<int()>(set, "load_a"), 'b');
  EXPECT_EQ(call<int()>(set, "load_b"), 'c');
  EXPECT_EQ(call<int()>(set, "load_c"), 'd');
  EXPECT_EQ(call<int()>(set, "load_d"), 'a');
}

TEST_F(Zones, AgreeOnFunctionAddresses) {
  using Function = int();
  EXPECT_EQ(target(call<Function*()>(set, "point_b")), must(set.address("own_c")));
  EXPECT_EQ(target(call<Function*()>(set, "point_d")), must(set.address("own_a")));
}

TEST_F(Zones, AgreeOnDataAddresses) {
  EXPECT_EQ(call<char*()>(set, "bss_of_next_a"), call<char*()>(set, "own_bss_b"));
  EXPECT_EQ(call<char*()>(set, "bss_of_next_b"), call<char*()>(set, "own_bss_c"));
  EXPECT_EQ(call<char*()>(set, "bss_of_next_d"), call<char*()>(set, "own_bss_a"));
}

TEST_F(Zones, HoldPointersToEachOther) { EXPECT_EQ(**must(set.object<int*>("pointer_b")), 'c'); }

TEST_F(Zones, ReachBothEndsOfTheirOwnBss) {
  for (const char* name : {"own_ends_a", "own_ends_b", "own_ends_c", "own_ends_d"}) {
    EXPECT_EQ(call<char(char)>(set, name, char{3}), 7) << name;
  }
}

// A symbol has one slot, unless no one place is in reach of all that use it.
TEST(SlotsOfOneSymbol, AreSeveralWhereReachDemandsIt) {
  const auto session = new_session();
  const auto zones_with_slot = [&](const std::string& bss) {
    const auto object = [&](const std::string& which) {
      return c_object("char bss_" + which + "[" + bss + "]; int getpid(void); int pid_" + which +
                          "(void) { return getpid(); }",
                      "-O1 -fPIC -fno-plt");
    };
    ObjectSet set = set_of({{"a.o", object("a")}, {"b.o", object("b")}, {"c.o", object("c")}});
    set.options().relax = false;
    const LinkedSet linked = must(session->link(std::move(set)));
    EXPECT_EQ(call<int()>(linked, "pid_a"), call<int()>(linked, "pid_c"));
    std::multiset<std::uint32_t> zones;
    for (const PlannedNeed& need : linked.plan().needs) {
      if (need.kind == NeedKind::kSlot && need.symbol == "getpid") zones.insert(need.zone);
    }
    return zones;
  };
  EXPECT_EQ(zones_with_slot("1000"), (std::multiset<std::uint32_t>{0}));
  EXPECT_EQ(zones_with_slot("1536u << 20"), (std::multiset<std::uint32_t>{0, 1}));  // two objects, and the third
}

// gcc's default is to address data of other objects directly.
TEST(ZonesAndDefaultFlags, DataOfAnotherZoneIsAnErrorWithItsCure) {
  ObjectSet set = set_of({{"a.o", part('a', 'c', "-O1 -fPIE")}, {"b.o", part('b', 'c', "-O1 -fPIE")},
                          {"c.o", part('c', 'a', "-O1 -fPIE")}});
  const Error error = error_of(new_session()->link(std::move(set)));
  EXPECT_EQ(error.code(), ErrorCode::kOutOfRange) << error.text();
  EXPECT_NE(error.text().find("-fPIC"), std::string::npos) << error.text();
}

TEST(HugeBss, OfOneObjectIsOneZone) {
  const auto session = new_session();
  const LinkedSet set = must(session->link(set_of(c_object(
      "static char big[1900u << 20]; int small = 5;\n"
      "int f(unsigned i) { big[i] = 37; return big[i] + small; }"))));
  EXPECT_EQ(set.plan().zone_count, 1u);
  EXPECT_EQ(call<int(unsigned)>(set, "f", (1900u << 20) - 1), 42);
}

TEST(HugeBss, LargerThanReachIsOneZoneWhenItComesLast) {
  const auto session = new_session();
  const LinkedSet set = must(session->link(set_of(c_object(
      "static char big[3ul << 30]; int small = 5;\n"
      "int f(unsigned long i) { big[i] = 37; return big[i] + small; }"))));
  EXPECT_EQ(set.plan().zone_count, 1u);
  EXPECT_EQ(call<int(unsigned long)>(set, "f", (3ul << 30) - 1), 42);
}

TEST(HugeBss, DoesNotPushSmallDataOutOfReach) {
  const auto session = new_session();
  const LinkedSet set = must(session->link(set_of(
      {{"big.o", c_object("char big[1900u << 20]; char *at(void) { return big; }")},
       {"user.o", c_object("static int counter; extern char big[]; int next(void) { return big[7] + ++counter; }")}})));
  EXPECT_EQ(call<int()>(set, "next"), 1);
  EXPECT_EQ(call<int()>(set, "next"), 2);
}

// Tentative definitions count towards the zone that they are laid in.
TEST(HugeCommon, IsReachedFromItsObject) {
  const auto session = new_session();
  const LinkedSet set = must(session->link(set_of(
      {{"a.o", c_object("char a[1200u << 20] = {0}; char *get_a(void) { return a; }", "-O1 -fPIC")},
       {"b.o", c_object("char common[1200u << 20]; char b[600u << 20] = {0};\n"
                        "char *get(void) { return common; } char *get_b(void) { return b; }\n"
                        "char end(void) { b[(600u << 20) - 1] = 9; return b[(600u << 20) - 1]; }",
                        "-O1 -fPIC -fcommon")}})));
  EXPECT_EQ(target(call<char*()>(set, "get")), must(set.address("common")));
  EXPECT_EQ(target(call<char*()>(set, "get_b")), must(set.address("b")));
  EXPECT_EQ(call<char()>(set, "end"), 9);
}

}  // namespace
}  // namespace enfold::test
