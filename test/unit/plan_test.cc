// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A plan is exact: it names every slot and stub with its reason, and the link uses these and no other.
#include <algorithm>
#include <ranges>

#include <gtest/gtest.h>

#include "fakes.h"
#include "support.h"

namespace enfold::test {
namespace {

std::vector<PlannedNeed> needs_of(const Plan& plan, NeedKind kind) {
  std::vector<PlannedNeed> found;
  std::ranges::copy_if(plan.needs, std::back_inserter(found), [&](const PlannedNeed& n) { return n.kind == kind; });
  return found;
}

// 100 loads of one far symbol, calls of another from two sections.
ObjectSet hundred_loads() {
  return set_of(assembled(".section .text.one,\"ax\",@progbits\n"
                          ".rept 100\n"
                          "movq far_data@GOTPCREL(%rip), %rax\n"
                          ".endr\n"
                          "call far_function@PLT\n"
                          "ret\n"
                          ".section .text.other,\"ax\",@progbits\n"
                          "call far_function@PLT\n"
                          "call far_function@PLT\n"
                          "ret\n"));
}

struct HundredLoads : testing::Test {
  HundredLoads() {
    must(process.session->define("far_data", TargetAddr{kFar}, HostSymbolKind::kData));
    must(process.session->define("far_function", TargetAddr{kFar + 64}, HostSymbolKind::kFunction));
  }
  FakeProcess process;
};

TEST_F(HundredLoads, TakeOneSlotEach) {
  const Plan plan = must(process.session->plan(hundred_loads()));
  EXPECT_EQ(plan.count(NeedKind::kSlot), 2u);
  std::uint64_t size = 0;
  for (const PlannedSegment& segment : plan.segments) size += segment.slot_size;
  EXPECT_EQ(size, 16u);
}

TEST_F(HundredLoads, TakeOneStub) {
  const Plan plan = must(process.session->plan(hundred_loads()));
  EXPECT_EQ(plan.count(NeedKind::kStub), 1u);
}

TEST_F(HundredLoads, HaveAddressesOnceLinked) {
  EXPECT_EQ(value(must(process.session->plan(hundred_loads())).needs.at(0).address), 0u);
  const LinkedSet set = must(process.session->link(hundred_loads()));
  ASSERT_EQ(set.plan().needs.size(), 3u);
  for (const PlannedNeed& need : set.plan().needs) {
    const auto segment = std::ranges::find_if(set.plan().segments, [&](const PlannedSegment& s) {
      return need.address >= s.base && need.address < s.base + s.size;
    });
    ASSERT_NE(segment, set.plan().segments.end()) << need.symbol;
    EXPECT_EQ(segment->protection, need.kind == NeedKind::kStub ? Protection::kReadExecute : Protection::kRelro);
  }
}

TEST_F(HundredLoads, AreCountedBySlot) {
  const Plan plan = must(process.session->plan(hundred_loads()));
  const std::vector<PlannedNeed> slots = needs_of(plan, NeedKind::kSlot);
  ASSERT_EQ(slots.size(), 2u);
  EXPECT_EQ(slots[0].symbol, "far_data");
  EXPECT_EQ(slots[0].use_count, 100u);
  EXPECT_EQ(slots[0].reason, Reason::kOutOfReach);
  EXPECT_EQ(slots[0].first_use.section, ".text.one");
  EXPECT_EQ(slots[0].first_use.offset, 3u);
  EXPECT_EQ(slots[1].symbol, "far_function");
  EXPECT_EQ(slots[1].reason, Reason::kForStub);
}

TEST_F(HundredLoads, UseOfAStubIsCounted) {
  const Plan plan = must(process.session->plan(hundred_loads()));
  const std::vector<PlannedNeed> stubs = needs_of(plan, NeedKind::kStub);
  ASSERT_EQ(stubs.size(), 1u);
  EXPECT_EQ(stubs[0].use_count, 3u);
}

TEST_F(HundredLoads, LinkUsesWhatWasPlanned) {
  const LinkedSet set = must(process.session->link(hundred_loads()));
  EXPECT_EQ(set.usage().slot_count, 2u);
  EXPECT_EQ(set.usage().slot_size, 16u);
  EXPECT_EQ(set.usage().stub_count, 1u);
  EXPECT_EQ(set.usage().stub_size, 8u);
}

// A call and a load of the same far function share its slot.
TEST(Plan, StubAndLoadShareASlot) {
  FakeProcess process;
  must(process.session->define("far", TargetAddr{kFar}, HostSymbolKind::kFunction));
  const Plan plan = must(process.session->plan(set_of(assembled("call far@PLT\nmovq far@GOTPCREL(%rip), %rax\n"))));
  EXPECT_EQ(plan.count(NeedKind::kSlot), 1u);
  EXPECT_EQ(plan.count(NeedKind::kStub), 1u);
}

TEST(Plan, SymbolsInReachNeedNothing) {
  FakeProcess process;
  must(process.session->define("near", TargetAddr{kFakeBase - (1u << 29)}, HostSymbolKind::kFunction));
  const Plan plan = must(process.session->plan(
      set_of(assembled("call near@PLT\nmovq near@GOTPCREL(%rip), %rax\ncall *near@GOTPCREL(%rip)\n"))));
  EXPECT_TRUE(plan.needs.empty());
  EXPECT_EQ(plan.relaxed_count, 2u);
}

// Where a call reaches from one end of the window only, it may lie where it does not.
class Edge : public testing::TestWithParam<bool> {};

INSTANTIATE_TEST_SUITE_P(OfReach, Edge, testing::Bool(), [](const auto& i) { return i.param ? "Above" : "Below"; });

TEST_P(Edge, OfTheWindowsReachDecidesAboutAStub) {
  constexpr std::uint64_t kTwo31 = std::uint64_t{1} << 31, kAddend = 4;
  const AddressRange window{kFakeBase, kFakeBase + 0x10'0000};
  const std::uint64_t last = GetParam() ? window.lo + kTwo31 - 1 + kAddend : window.hi - kTwo31 + kAddend;
  const std::uint64_t past = GetParam() ? last + 1 : last - 1;
  FakeProcess process(kFakeBase, window);
  must(process.session->define("last", TargetAddr{last}, HostSymbolKind::kFunction));
  must(process.session->define("past", TargetAddr{past}, HostSymbolKind::kFunction));
  EXPECT_TRUE(must(process.session->plan(set_of(assembled("call last@PLT\n")))).needs.empty());
  EXPECT_EQ(must(process.session->plan(set_of(assembled("call past@PLT\n")))).count(NeedKind::kStub), 1u);
}

constexpr char kLocalInSlot[] = ".text\n.globl get_{0}\nget_{0}: addq local@GOTPCREL(%rip), %rax\nret\n"
                                ".data\nlocal: .quad 1\n";

// Two objects with a local of the same name.
ObjectSet same_named_locals() {
  const auto source = [](const char* which) {
    std::string text(kLocalInSlot);
    for (std::size_t at; (at = text.find("{0}")) != std::string::npos;) text.replace(at, 3, which);
    return assembled(text);
  };
  return set_of({{"a.o", source("a")}, {"b.o", source("b")}});
}

TEST(Plan, SameNamedLocalsHaveASlotEach) {
  FakeProcess process;
  const std::vector<PlannedNeed> slots = needs_of(must(process.session->plan(same_named_locals())), NeedKind::kSlot);
  ASSERT_EQ(slots.size(), 2u);
  EXPECT_EQ(slots[0].symbol, "local");
  EXPECT_EQ(slots[0].symbol_object, "a.o");
  EXPECT_EQ(slots[1].symbol, "local");
  EXPECT_EQ(slots[1].symbol_object, "b.o");
}

TEST(Plan, NamesTheReason) {
  FakeProcess process;
  must(process.session->define("far", TargetAddr{kFar}, HostSymbolKind::kData));
  const auto reason = [&](const std::string& source, bool relax = true) {
    ObjectSet set = set_of(assembled(source));
    set.options().relax = relax;
    const Plan plan = must(process.session->plan(set));
    return plan.needs.empty() ? std::string_view("none") : name(plan.needs.front().reason);
  };
  EXPECT_EQ(reason("movq far@GOTPCREL(%rip), %rax\n"), name(Reason::kOutOfReach));
  EXPECT_EQ(reason("addq far@GOTPCREL(%rip), %rax\n"), name(Reason::kNotRewritable));
  EXPECT_EQ(reason("movq here@GOTPCREL(%rip), %rax\n.globl here\nhere:\n", false), name(Reason::kRelaxationOff));
  EXPECT_EQ(reason(".weak nobody\nmovq nobody@GOTPCREL(%rip), %rax\n"), name(Reason::kUndefinedWeak));
  EXPECT_EQ(reason(".type f, @gnu_indirect_function\n.globl f\nf: ret\ncall f@PLT\n"), name(Reason::kIndirectFunction));
  EXPECT_EQ(reason(".comm tentative, 8, 8\n"), name(Reason::kTentative));
}

TEST(Plan, UndefinedSymbolsAreListedAndNoError) {
  FakeProcess process;
  const Plan plan = must(process.session->plan(set_of(assembled("call one@PLT\ncall two@PLT\ncall one@PLT\n"))));
  ASSERT_EQ(plan.unresolved.size(), 2u);
  EXPECT_EQ(plan.unresolved[0].name, "one");
  EXPECT_EQ(plan.unresolved[0].reference_count, 2u);
  EXPECT_EQ(plan.unresolved[1].name, "two");
}

TEST(Plan, CountsAndSizesAreThoseOfItsSegments) {
  FakeProcess process;
  must(process.session->define("far", TargetAddr{kFar}, HostSymbolKind::kFunction));
  const Plan plan =
      must(process.session->plan(set_of(assembled("call far@PLT\n.data\n.fill 100\n.bss\n.skip 5000\n"))));
  std::uint64_t size = 0, slots = 0, stubs = 0;
  for (const PlannedSegment& segment : plan.segments) {
    size += segment.size;
    slots += segment.slot_count;
    stubs += segment.stub_count;
    EXPECT_LE(segment.written_size, segment.size);
  }
  EXPECT_EQ(plan.size(), size);
  EXPECT_EQ(slots, plan.count(NeedKind::kSlot));
  EXPECT_EQ(stubs, plan.count(NeedKind::kStub));
}

TEST(Plan, PlanningTwiceGivesTheSame) {
  FakeProcess process;
  const Plan one = must(process.session->plan(same_named_locals()));
  const Plan two = must(process.session->plan(same_named_locals()));
  EXPECT_EQ(one.size(), two.size());
  EXPECT_EQ(one.needs.size(), two.needs.size());
  EXPECT_EQ(one.window, two.window);
}

TEST(Plan, SameInputsAtTheSameBaseGiveTheSameBytes) {
  std::vector<std::vector<std::byte>> images;
  for (int i = 0; i < 2; ++i) {
    FakeProcess process;
    const LinkedSet set = must(process.session->link(same_named_locals()));
    std::vector<std::byte>& image = images.emplace_back();
    for (const PlannedSegment& segment : set.plan().segments) {
      std::ranges::copy(process.memory->at(value(segment.base), segment.written_size), std::back_inserter(image));
    }
  }
  EXPECT_EQ(images[0], images[1]);
}

}  // namespace
}  // namespace enfold::test
