// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A library that is not loaded when a link begins is taken to come to lie near the others. Plans rely on it; a link
// that finds it elsewhere is planned again.
#include <gtest/gtest.h>

#include "fakes.h"
#include "support.h"

namespace enfold::test {
namespace {

constexpr char kLibrary[] = "int late_data = 1; int late(void) { return late_data; }";
constexpr std::uint64_t kNear = kFakeBase + (std::uint64_t{1} << 30) + 0x10000;

struct LateLibrary : testing::Test {
  FakeProcess process;

  ObjectSet set_with(ObjectBytes object) const {
    ObjectSet set = set_of(object, "user");
    set.add_file(shared_library(kLibrary));
    return set;
  }
  void will_lie_at(std::uint64_t address) const {
    process.runtime->later = {
        {"late", {.address = TargetAddr{address}, .size = 1, .kind = HostSymbolKind::kFunction}},
        {"late_data", {.address = TargetAddr{address + 0x1000}, .size = 4, .kind = HostSymbolKind::kData}}};
  }
};

const char* const kCall = "call late@PLT\nret\n";
const char* const kLoad = "mov late@GOTPCREL(%rip), %rax\nret\n";
const char* const kDirect = "lea late(%rip), %rax\nret\n";
const char* const kData = "mov late_data(%rip), %eax\nret\n";

ObjectBytes code(const std::string& body) { return assembled(".text\n.globl use\nuse:\n" + body); }

TEST_F(LateLibrary, IsPlannedAndLinkedAsNearOnes) {
  will_lie_at(kNear);
  const ObjectBytes object = code(std::string(kCall) + kLoad + kDirect + kData);
  const Plan plan = must(process.session->plan(set_with(object)));
  EXPECT_EQ(plan.count(NeedKind::kStub), 0U);
  EXPECT_EQ(plan.count(NeedKind::kSlot), 0U);
  EXPECT_EQ(plan.count(NeedKind::kCanonicalStub), 0U);
  const LinkedSet linked = must(process.session->link(set_with(object)));
  EXPECT_EQ(linked.usage().stub_count, 0U);
  EXPECT_EQ(linked.usage().slot_count, 0U);
  EXPECT_EQ(linked.usage().relaxed_count, 1U);
}

TEST_F(LateLibrary, ThatLiesElsewhereIsReachedBySlotsAndStubs) {
  will_lie_at(kFar);
  const ObjectBytes object = code(std::string(kCall) + kLoad);
  const Plan plan = must(process.session->plan(set_with(object)));
  EXPECT_EQ(plan.count(NeedKind::kStub), 0U);
  const LinkedSet linked = must(process.session->link(set_with(object)));
  EXPECT_EQ(linked.plan().count(NeedKind::kStub), 1U);
  EXPECT_EQ(linked.plan().count(NeedKind::kSlot), 1U);
  EXPECT_EQ(linked.usage().stub_count, 1U);
  EXPECT_EQ(linked.usage().slot_count, 1U);
}

TEST_F(LateLibrary, ThatLiesElsewhereHasItsFunctionsStoodFor) {
  will_lie_at(kFar);
  const LinkedSet linked = must(process.session->link(set_with(code(kDirect))));
  EXPECT_EQ(linked.plan().count(NeedKind::kCanonicalStub), 1U);
}

TEST_F(LateLibrary, ThatLiesElsewhereIsAnErrorForWhatAddressesItsDataDirectly) {
  will_lie_at(kFar);
  ASSERT_TRUE(process.session->plan(set_with(code(kData))));
  const Expected<LinkedSet> linked = process.session->link(set_with(code(kData)));
  ASSERT_FALSE(linked);
  EXPECT_EQ(linked.error().code(), ErrorCode::kOutOfRange);
  EXPECT_NE(linked.error().text().find("late_data"), std::string::npos) << linked.error().text();
  EXPECT_NE(linked.error().text().find("-fPIC"), std::string::npos) << linked.error().text();
}

TEST_F(LateLibrary, JustOutOfReachCountsAsElsewhere) {
  const std::uint64_t reach = std::uint64_t{1} << 31;
  for (const std::uint64_t address : {kFakeBase + reach + 0x1000, process.memory->window().hi - reach - 0x10000}) {
    will_lie_at(address);
    const LinkedSet linked = must(process.session->link(set_with(code(kCall))));
    EXPECT_EQ(linked.usage().stub_count, 1U) << std::hex << address;
  }
}

TEST_F(LateLibrary, IsOpenedAsNeeded) {
  will_lie_at(kNear);
  for (const bool needed : {false, true}) {
    ObjectSet set = set_of(code(needed ? kCall : "ret\n"), "user");
    set.add_as_needed(shared_library(kLibrary));
    process.runtime->opened_count = 0;
    const LinkedSet linked = must(process.session->link(std::move(set)));
    EXPECT_EQ(process.runtime->opened_count, needed ? 1 : 0);
  }
}

}  // namespace
}  // namespace enfold::test
