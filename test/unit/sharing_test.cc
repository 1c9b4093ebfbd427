// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A set may be served by the slots and stubs of earlier ones. The sets of these tests lie out of reach of the C
// library, so that every call of it takes a stub, and every address that code loads a slot.
#include <unistd.h>

#include <optional>

#include <gtest/gtest.h>

#include "far_memory.h"
#include "support.h"

namespace enfold::test {
namespace {

const PlannedNeed* need_of(const Plan& plan, NeedKind kind, std::string_view symbol) {
  for (const PlannedNeed& need : plan.needs) {
    if (need.kind == kind && need.symbol == symbol) return &need;
  }
  return nullptr;
}

// Whose slot or stub serves; "own", or "none" where there is none.
std::string server_of(const Plan& plan, NeedKind kind, std::string_view symbol) {
  const PlannedNeed* need = need_of(plan, kind, symbol);
  if (need == nullptr) return "none";
  return need->shared_with.empty() ? "own" : need->shared_with;
}

bool has_use(const LinkedSet& set, std::string_view user, std::string_view symbol, UseKind kind) {
  for (const SetUse& use : set.users()) {
    if (use.set == user && use.symbol == symbol && use.kind == kind) return true;
  }
  return false;
}

constexpr char kCall[] = "int getpid(void); int pid_of_%(void) { return getpid(); }";
constexpr char kLoad[] = "int getpid(void); void *load_%(void) { return getpid; }";

ENFOLD_CALLS_LINKED_CODE int result_of(void* function) { return reinterpret_cast<int (*)()>(function)(); }

// The source with each % replaced.
ObjectBytes object(std::string source, const std::string& which, std::string_view flags) {
  for (std::size_t at; (at = source.find('%')) != std::string::npos;) source.replace(at, 1, which);
  return c_object(source, flags);
}

struct Sharing : testing::Test {
  static std::unique_ptr<Session> far_session() {
    SessionOptions options;
    options.detail = Detail::kSummary;
    options.memory = std::make_shared<FarMemory>();
    return must(Session::create(std::move(options)));
  }
  static ObjectSet input(const std::string& name, const char* source = kCall, std::string_view flags = "-O1 -fPIC") {
    return set_of(object(source, name, flags), name);
  }
  LinkedSet link(const std::string& name, const char* source = kCall, std::string_view flags = "-O1 -fPIC") {
    return must(session->link(input(name, source, flags)));
  }
  LinkedSet link_sharing(const std::string& name, const LinkedSet& with, const char* source = kCall,
                         std::string_view flags = "-O1 -fPIC") {
    ObjectSet set = input(name, source, flags);
    set.share_with(with);
    return must(session->link(std::move(set)));
  }

  std::unique_ptr<Session> session = far_session();
  std::optional<LinkedSet> one = link("one");
};

TEST_F(Sharing, FirstSetHasItsOwnStubAndSlot) {
  EXPECT_EQ(server_of(one->plan(), NeedKind::kStub, "getpid"), "own");
  EXPECT_EQ(server_of(one->plan(), NeedKind::kSlot, "getpid"), "own");
}

TEST_F(Sharing, StubOfAnEarlierSetServes) {
  const LinkedSet two = link_sharing("two", *one);
  EXPECT_EQ(server_of(two.plan(), NeedKind::kStub, "getpid"), "one");
  EXPECT_EQ(two.plan().shared_stub_count, 1u);
}

TEST_F(Sharing, StubThatIsSharedNeedsNoSlot) {
  const LinkedSet two = link_sharing("two", *one);
  EXPECT_EQ(server_of(two.plan(), NeedKind::kSlot, "getpid"), "none");
}

TEST_F(Sharing, CallThroughASharedStubArrives) {
  const LinkedSet two = link_sharing("two", *one);
  EXPECT_EQ(call<int()>(two, "pid_of_two"), getpid());
}

TEST_F(Sharing, SlotOfAnEarlierSetServes) {
  const LinkedSet two = link_sharing("two", *one, kLoad);
  EXPECT_EQ(server_of(two.plan(), NeedKind::kSlot, "getpid"), "one");
  EXPECT_EQ(two.plan().shared_slot_count, 1u);
  EXPECT_EQ(target(call<void*()>(two, "load_two")), target(&getpid));
}

TEST_F(Sharing, CallThroughASharedSlotArrives) {
  const LinkedSet two = link_sharing("two", *one, kCall, "-O1 -fPIC -fno-plt");
  EXPECT_EQ(server_of(two.plan(), NeedKind::kSlot, "getpid"), "one");
  EXPECT_EQ(call<int()>(two, "pid_of_two"), getpid());
}

TEST_F(Sharing, DataSlotServes) {
  constexpr char kEnvironment[] = "extern char **environ; char ***where_%(void) { return &environ; }";
  const LinkedSet first = link("first", kEnvironment), second = link_sharing("second", first, kEnvironment);
  EXPECT_EQ(server_of(second.plan(), NeedKind::kSlot, "environ"), "first");
  EXPECT_EQ(call<char***()>(second, "where_second"), &environ);
}

TEST_F(Sharing, SlotOfTheDefiningSetItselfServes) {
  constexpr char kOwn[] = "int datum = 42; int *own_%(void) { return &datum; }";
  constexpr char kOther[] = "extern int datum; int *other_%(void) { return &datum; }";
  ObjectSet defining = input("first", kOwn), using_it = input("second", kOther);
  defining.options().relax = using_it.options().relax = false;
  const LinkedSet first = must(session->link(std::move(defining)));
  using_it.share_with(first);
  const LinkedSet second = must(session->link(std::move(using_it)));
  EXPECT_EQ(server_of(second.plan(), NeedKind::kSlot, "datum"), "first");
  EXPECT_EQ(*call<int*()>(second, "other_second"), 42);
}

TEST_F(Sharing, NothingIsSharedUnasked) {
  const LinkedSet two = link("two");
  EXPECT_EQ(server_of(two.plan(), NeedKind::kStub, "getpid"), "own");
  EXPECT_EQ(two.plan().shared_stub_count + two.plan().shared_slot_count, 0u);
  EXPECT_TRUE(one->users().empty());
}

TEST_F(Sharing, SaveTheStubAndTheSlot) {
  ObjectSet alone = input("two"), sharing = input("two");
  sharing.share_with(*one);
  const Plan before = must(session->plan(alone)), after = must(session->plan(sharing));
  const PlannedNeed *stub = need_of(before, NeedKind::kStub, "getpid"),
                    *slot = need_of(before, NeedKind::kSlot, "getpid");
  ASSERT_TRUE(stub != nullptr && slot != nullptr);
  EXPECT_LE(after.size() + stub->size + slot->size, before.size());
  for (const PlannedSegment& segment : after.segments) EXPECT_EQ(segment.slot_count + segment.stub_count, 0u);
}

TEST_F(Sharing, PlanIsWhatIsUsed) {
  ObjectSet set = input("two",
                        "int getpid(void), getppid(void); void *p_%(void) { return getppid; }\n"
                        "int sum_%(void) { return getpid() + getppid(); }");
  set.share_with(*one);
  const Plan planned = must(session->plan(set));
  const LinkedSet two = must(session->link(std::move(set)));
  const Usage& usage = two.usage();
  EXPECT_EQ(planned.shared_stub_count, 1u);
  EXPECT_EQ(usage.shared_stub_count, planned.shared_stub_count);
  EXPECT_EQ(usage.shared_slot_count, planned.shared_slot_count);
  EXPECT_EQ(usage.stub_count, 1u);  // getppid's
  EXPECT_EQ(usage.slot_count, 1u);
  EXPECT_EQ(planned.size(), two.plan().size());
}

TEST_F(Sharing, PlanningTwiceGivesTheSame) {
  ObjectSet set = input("two", kLoad);
  set.share_with(*one);
  const Plan first = must(session->plan(set)), second = must(session->plan(set));
  ASSERT_EQ(first.needs.size(), second.needs.size());
  for (std::size_t i = 0; i < first.needs.size(); ++i)
    EXPECT_EQ(first.needs[i].shared_with, second.needs[i].shared_with);
  EXPECT_EQ(first.size(), second.size());
}

// Of several sets

TEST_F(Sharing, FirstNamedThatHasItWins) {
  const LinkedSet other = link("other"), without = link("without", "int f_%(void) { return 1; }");
  ObjectSet set = input("three");
  set.share_with(without);
  set.share_with(other);
  set.share_with(*one);
  const Plan plan = must(session->plan(set));
  EXPECT_EQ(server_of(plan, NeedKind::kStub, "getpid"), "other");
}

TEST_F(Sharing, EachServesWhatItHas) {
  const LinkedSet other = link("other", "int getppid(void); int ppid_of_%(void) { return getppid(); }");
  ObjectSet set = input("three", "int getpid(void), getppid(void); int f_%(void) { return getpid() + getppid(); }");
  set.share_with(*one);
  set.share_with(other);
  const LinkedSet three = must(session->link(std::move(set)));
  EXPECT_EQ(server_of(three.plan(), NeedKind::kStub, "getpid"), "one");
  EXPECT_EQ(server_of(three.plan(), NeedKind::kStub, "getppid"), "other");
  EXPECT_EQ(call<int()>(three, "f_three"), getpid() + getppid());
}

// What is shared belongs to its first owner: a set passes nothing on.
TEST_F(Sharing, WhatASetSharesItDoesNotOffer) {
  const LinkedSet two = link_sharing("two", *one), three = link_sharing("three", two);
  EXPECT_EQ(server_of(three.plan(), NeedKind::kStub, "getpid"), "own");
}

TEST_F(Sharing, PrivateSetsServe) {
  ObjectSet hidden = input("hidden");
  hidden.options().visibility = Visibility::kPrivate;
  const LinkedSet first = must(session->link(std::move(hidden))), two = link_sharing("two", first);
  EXPECT_EQ(server_of(two.plan(), NeedKind::kStub, "getpid"), "hidden");
}

// Dependencies

TEST_F(Sharing, IsADependencyThatTellsWhatIsShared) {
  const LinkedSet two = link_sharing("two", *one), three = link_sharing("three", *one, kLoad);
  EXPECT_TRUE(has_use(*one, "two", "getpid", UseKind::kSharedStub));
  EXPECT_TRUE(has_use(*one, "three", "getpid", UseKind::kSharedSlot));
  EXPECT_EQ(one->users().size(), 2u);
}

TEST_F(Sharing, KeepsTheFirstSetLoaded) {
  LinkedSet two = link_sharing("two", *one);
  const Error error = error_of(one->unload());
  EXPECT_EQ(error.code(), ErrorCode::kInUse);
  EXPECT_NE(error.text().find("getpid"), std::string::npos) << error.text();
  EXPECT_EQ(call<int()>(two, "pid_of_two"), getpid());
  must(two.unload());
  must(one->unload());
}

TEST_F(Sharing, KeepsAFirstSetWithoutAHandle) {
  const LinkedSet two = link_sharing("two", *one);
  one.reset();
  EXPECT_EQ(call<int()>(two, "pid_of_two"), getpid());
}

TEST_F(Sharing, NamingASetThatServesNothingIsNoDependency) {
  LinkedSet two = link_sharing("two", *one, "int f_%(void) { return 1; }");
  EXPECT_TRUE(one->users().empty());
  must(one->unload());
}

TEST_F(Sharing, WithAnUnloadedSetIsAnError) {
  ObjectSet set = input("two");
  set.share_with(*one);
  must(one->unload());
  const Error error = error_of(session->link(std::move(set)));
  EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
  EXPECT_NE(error.text().find("'one'"), std::string::npos) << error.text();
}

TEST_F(Sharing, WithASetOfAnotherSessionIsAnError) {
  const auto other = far_session();
  ObjectSet set = input("two");
  set.share_with(*one);
  const Error error = error_of(other->link(std::move(set)));
  EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
  EXPECT_NE(error.text().find("'one'"), std::string::npos) << error.text();
}

// What cannot be shared

// Addressing a table by 32 bits takes the set below 2 GiB.
constexpr char kLow[] =
    "int getpid(void); static int table_%[2] = {0, 1};\n"
    "int low_%(int i) { return table_%[i] * getpid(); }";
constexpr char kLowFlags[] = "-O1 -fno-pic -fno-pie -mcmodel=small -fno-plt";

TEST_F(Sharing, SlotOutOfReachIsNotShared) {
  const LinkedSet low = link_sharing("low", *one, kLow, kLowFlags);
  ASSERT_LT(value(must(low.address("low_low"))), std::uint64_t{1} << 31);
  EXPECT_EQ(server_of(low.plan(), NeedKind::kSlot, "getpid"), "own");
  EXPECT_EQ(call<int(int)>(low, "low_low", 1), getpid());
}

TEST_F(Sharing, SlotsBelow2GiBServeEachOther) {
  const LinkedSet low = link("low", kLow, kLowFlags), lower = link_sharing("lower", low, kLow, kLowFlags);
  EXPECT_EQ(server_of(lower.plan(), NeedKind::kSlot, "getpid"), "low");
  EXPECT_EQ(call<int(int)>(lower, "low_lower", 1), getpid());
}

constexpr char kIndirect[] =
    "static int chosen(void) { return 42; }\n"
    "static void *choose(void) { return chosen; }\n"
    "int indirect_%(void) __attribute__((ifunc(\"choose\")));\n"
    "int call_%(void) { return indirect_%(); }";

TEST_F(Sharing, SlotsAndStubsOfIndirectFunctionsAreNotShared) {
  const LinkedSet first = link("x", kIndirect);
  ObjectSet set =
      set_of(object("int indirect_x(void); int later(void) { return indirect_x(); }", "", "-O1 -fPIC"), "user");
  set.options().relax = false;
  set.share_with(first);
  const LinkedSet user = must(session->link(std::move(set)));
  EXPECT_EQ(user.plan().shared_slot_count + user.plan().shared_stub_count, 0u);
  EXPECT_EQ(call<int()>(user, "later"), 42);
}

TEST_F(Sharing, SlotsOfUndefinedWeakSymbolsAreNotShared) {
  constexpr char kWeak[] = "__attribute__((weak)) extern int nobodys; int *null_%(void) { return &nobodys; }";
  const LinkedSet first = link("first", kWeak), second = link_sharing("second", first, kWeak);
  EXPECT_EQ(second.plan().shared_slot_count, 0u);
  EXPECT_EQ(call<int*()>(second, "null_second"), nullptr);
}

// Where a function's address is a stub, all of a set has to see that stub.
TEST_F(Sharing, FunctionPointersOfASetAgreeWhereItsAddressIsAStub) {
  const LinkedSet low = link("low", kLow, kLowFlags);
  ObjectSet set("two");
  set.add_bytes(object("int getpid(void); void *direct(void) { return getpid; }", "", "-O1 -fno-pic -fno-pie"), "a.o");
  set.add_bytes(object("int getpid(void); void *loaded(void) { return getpid; } void *held = getpid;", "", "-O1 -fPIC"),
                "b.o");
  set.options().relax = false;
  set.share_with(low);
  const LinkedSet two = must(session->link(std::move(set)));
  EXPECT_EQ(call<void*()>(two, "direct"), call<void*()>(two, "loaded"));
  EXPECT_EQ(call<void*()>(two, "direct"), *must(two.object<void*>("held")));
  EXPECT_EQ(result_of(call<void*()>(two, "direct")), getpid());
}

// A call comes first, and is served by the other set's stub; then the address is taken.
TEST_F(Sharing, FunctionPointersAgreeWhereTheCallCameFirst) {
  const LinkedSet low = link("low", kLow, "-O1 -fno-pic -fno-pie");
  ASSERT_EQ(server_of(low.plan(), NeedKind::kStub, "getpid"), "own");
  ObjectSet set("two");
  set.add_bytes(object("int getpid(void); int calls(void) { return getpid() + 1; }", "", "-O1 -fno-pic -fno-pie"),
                "a.o");
  set.add_bytes(object("int getpid(void); void *direct(void) { return getpid; }", "", "-O1 -fno-pic -fno-pie"), "b.o");
  set.add_bytes(object("int getpid(void); void *loaded(void) { return getpid; }", "", "-O1 -fPIC"), "c.o");
  set.options().relax = false;
  set.share_with(low);
  const Plan planned = must(session->plan(set));
  const LinkedSet two = must(session->link(std::move(set)));
  EXPECT_EQ(call<void*()>(two, "direct"), call<void*()>(two, "loaded"));
  EXPECT_EQ(call<int()>(two, "calls"), getpid() + 1);
  EXPECT_EQ(two.usage().shared_stub_count, planned.shared_stub_count);
  EXPECT_EQ(two.usage().stub_count,
            planned.count(NeedKind::kStub) + planned.count(NeedKind::kCanonicalStub) - planned.shared_stub_count);
}

TEST_F(Sharing, CanonicalStubsOfOthersAreNotShared) {
  constexpr char kTaken[] = "int getpid(void); void *direct_%(void) { return getpid; }";
  const LinkedSet low = link("low", kTaken, "-O1 -fno-pic -fno-pie");
  ASSERT_EQ(server_of(low.plan(), NeedKind::kCanonicalStub, "getpid"), "own");
  const LinkedSet two = link_sharing("two", low, kLow, "-O1 -fno-pic -fno-pie");
  EXPECT_EQ(server_of(two.plan(), NeedKind::kStub, "getpid"), "own");
}

}  // namespace
}  // namespace enfold::test
