// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Control-flow protection: the marks that compilers give objects, those of a set, and stubs that indirect calls may
// arrive at.
#include <elf.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "elf_patch.h"
#include "fakes.h"
#include "far_memory.h"
#include "support.h"

namespace enfold::test {
namespace {

constexpr char kFull[] = "-O1 -fPIC -fcf-protection=full";
constexpr char kBranch[] = "-O1 -fPIC -fcf-protection=branch";
constexpr char kReturn[] = "-O1 -fPIC -fcf-protection=return";
constexpr char kNone[] = "-O1 -fPIC -fcf-protection=none";

ObjectBytes caller(const std::string& name, std::string_view flags) {
  return c_object("int far(void); int " + name + "(void) { return far() + 1; }", flags);
}

// What clang emits, as an assembler writes it.
std::string property_note(const std::string& properties, const std::string& type = "5") {
  return ".section .note.gnu.property,\"a\",@note\n.p2align 3\n.long 4, 2f - 1f, " + type +
         "\n.asciz \"GNU\"\n1:\n" + properties + "2:\n.text\n";
}
std::string property(const std::string& type, const std::string& words) {
  return ".long " + type + ", 8f - 7f\n7: .long " + words + "\n8: .p2align 3\n";
}
const std::string kMarks = "0xc0000002";
constexpr char kCode[] = ".text\n.globl f\nf: call far@PLT\nret\n";

struct ControlFlow : testing::Test {
  ControlFlow() { must(process.session->define("far", TargetAddr{kFar}, HostSymbolKind::kFunction)); }
  Plan plan(ObjectBytes object) const { return must(process.session->plan(set_of(object))); }
  Plan plan(std::initializer_list<NamedObject> objects) const { return must(process.session->plan(set_of(objects))); }
  Plan noted(const std::string& properties) const { return plan(assembled(kCode + property_note(properties))); }

  // The stubs' code, as linked.
  std::string stubs(ObjectSet set) const {
    const LinkedSet linked = must(process.session->link(std::move(set)));
    for (const PlannedSegment& segment : linked.plan().segments) {
      if (segment.stub_count == 0) continue;
      const std::uint64_t at = value(segment.base) + segment.size - segment.stub_size;
      return disassemble(process.memory->at(at, segment.stub_size), at);
    }
    return {};
  }

  FakeProcess process;
};

// ---- Marks

TEST_F(ControlFlow, MarksAreThoseOfTheCompilersFlags) {
  const auto marks = [&](const char* flags) {
    const Plan p = plan(caller("f", flags));
    return std::string(p.landing_pads ? "L" : "-") + (p.shadow_stack ? "S" : "-");
  };
  EXPECT_EQ(marks(kFull), "LS");
  EXPECT_EQ(marks(kBranch), "L-");
  EXPECT_EQ(marks(kReturn), "-S");
  EXPECT_EQ(marks(kNone), "--");
}

TEST_F(ControlFlow, ASetIsMarkedIfAllItsCodeIs) {
  const Plan all = plan({{"a.o", caller("a", kFull)}, {"b.o", caller("b", kFull)}});
  EXPECT_TRUE(all.landing_pads && all.shadow_stack);
  const Plan mixed = plan({{"a.o", caller("a", kFull)}, {"b.o", caller("b", kBranch)}});
  EXPECT_TRUE(mixed.landing_pads && !mixed.shadow_stack);
  const Plan part = plan({{"a.o", caller("a", kNone)}, {"b.o", caller("b", kFull)}});
  EXPECT_TRUE(!part.landing_pads && !part.shadow_stack);
}

TEST_F(ControlFlow, ObjectsWithoutCodeDoNotCount) {
  const Plan p = plan({{"a.o", caller("a", kFull)}, {"b.o", assembled(".data\n.globl n\nn: .long 1\n")}});
  EXPECT_TRUE(p.landing_pads && p.shadow_stack);
}

TEST_F(ControlFlow, ASetWithoutCodeHasNoMarks) {
  const Plan p = plan(assembled(".data\n.globl n\nn: .long 1\n"));
  EXPECT_FALSE(p.landing_pads || p.shadow_stack);
}

TEST_F(ControlFlow, CodeThatIsDiscardedDoesNotCount) {
  ObjectSet set = set_of({{"a.o", caller("a", kFull)}, {"b.o", caller("b", kNone)}});
  set.options().gc_sections = true;
  set.options().roots = {"a"};
  EXPECT_TRUE(must(process.session->plan(set)).landing_pads);
}

TEST_F(ControlFlow, LinkedSetsHaveTheMarksOfTheirPlan) {
  const LinkedSet set = must(process.session->link(set_of(caller("f", kFull))));
  EXPECT_TRUE(set.plan().landing_pads && set.plan().shadow_stack);
}

// ---- Notes

TEST_F(ControlFlow, BitsOfSeveralPropertiesAddUp) {
  const Plan p = noted(property(kMarks, "1") + property(kMarks, "2"));
  EXPECT_TRUE(p.landing_pads && p.shadow_stack);
}

TEST_F(ControlFlow, OtherPropertiesAndNotesArePassedOver) {
  EXPECT_TRUE(noted(property("0xc0008002", "1") + property("1", "3, 0") + property(kMarks, "3")).shadow_stack);
  EXPECT_FALSE(noted(property("0xc0008002", "3")).shadow_stack);
  EXPECT_FALSE(plan(assembled(kCode + property_note(property(kMarks, "3"), "1"))).shadow_stack);
  const std::string other = ".section .note.gnu.property,\"a\",@note\n.long 6, 5, 5\n.asciz \"Other\"\n.p2align 3\n"
                            ".long 1\n.byte 1\n.p2align 3\n";
  EXPECT_TRUE(plan(assembled(kCode + other + property_note(property(kMarks, "3")))).shadow_stack);
}

TEST_F(ControlFlow, UnknownBitsAreIgnored) {
  const Plan p = noted(property(kMarks, "0xfffffffd"));
  EXPECT_TRUE(p.landing_pads);
  EXPECT_FALSE(p.shadow_stack);
}

TEST_F(ControlFlow, PaddingAfterTheLastPropertyMayBeMissing) {
  EXPECT_TRUE(noted(".long 0xc0000002, 4, 3\n").shadow_stack);
}

TEST_F(ControlFlow, AnEmptyNoteMarksNothing) {
  EXPECT_FALSE(noted("").landing_pads);
  EXPECT_FALSE(plan(assembled(std::string(kCode) + ".section .note.gnu.property,\"a\",@note\n")).landing_pads);
}

struct BadNote {
  const char* name;
  std::string section;
};
const std::string kHead = ".section .note.gnu.property,\"a\",@note\n.p2align 3\n";
const BadNote kBadNotes[] = {
    {"HeaderCutShort", kHead + ".long 4, 16\n"},
    {"NameCutShort", kHead + ".long 100, 0, 5\n.asciz \"GNU\"\n"},
    {"NameOfAllBytes", kHead + ".long 0xffffffff, 0, 5\n.asciz \"GNU\"\n"},
    {"DescriptionCutShort", kHead + ".long 4, 100, 5\n.asciz \"GNU\"\n.quad 0\n"},
    {"DescriptionOfAllBytes", kHead + ".long 4, 0xffffffff, 5\n.asciz \"GNU\"\n.quad 0\n"},
    {"PropertyHeaderCutShort", property_note(".long 0xc0000002\n")},
    {"PropertyCutShort", property_note(".long 0xc0000002, 100, 3, 0\n")},
    {"PropertyOfAllBytes", property_note(".long 1, 0xffffffff, 3, 0\n")},
    {"PropertyTooSmallForBits", property_note(".long 0xc0000002, 2, 3, 0\n")},
};

class MalformedNote : public testing::TestWithParam<BadNote> {};
INSTANTIATE_TEST_SUITE_P(Notes, MalformedNote, testing::ValuesIn(kBadNotes),
                         [](const auto& bad) { return std::string(bad.param.name); });

TEST_P(MalformedNote, IsAnErrorThatNamesTheSection) {
  FakeProcess process;
  const Error error = error_of(process.session->plan(set_of(assembled(".text\nret\n" + GetParam().section))));
  EXPECT_EQ(error.code(), ErrorCode::kMalformed);
  EXPECT_NE(error.text().find("properties in section"), std::string::npos) << error.text();
}

// ---- Stubs

TEST_F(ControlFlow, StubsOfAMarkedSetBeginWithALandingPad) {
  const std::string code = stubs(set_of(caller("f", kFull)));
  EXPECT_TRUE(code.starts_with("endbr64\njmp *")) << code;
  EXPECT_TRUE(code.ends_with("\nint3\nint3\nint3\nint3\nint3\nint3\n")) << code;
}

TEST_F(ControlFlow, OneMarkedObjectSuffices) {
  const std::string code = stubs(set_of({{"a.o", caller("a", kNone)}, {"b.o", caller("b", kBranch)}}));
  EXPECT_TRUE(code.starts_with("endbr64\n")) << code;
}

TEST_F(ControlFlow, AShadowStackAsksForNone) {
  EXPECT_TRUE(stubs(set_of(caller("f", kReturn))).starts_with("jmp *"));
  EXPECT_TRUE(stubs(set_of(caller("f", kNone))).starts_with("jmp *"));
}

TEST_F(ControlFlow, JumpOfEachStubIsThroughItsOwnSlot) {
  must(process.session->define("farther", TargetAddr{kFar + 0x1000}, HostSymbolKind::kFunction));
  const LinkedSet set = must(process.session->link(
      set_of(c_object("int far(void), farther(void); int f(void) { return far() + farther(); }", kFull))));
  EXPECT_EQ(set.usage().stub_count, 2u);
  EXPECT_EQ(set.usage().stub_size, 32u);
  std::vector<std::uint64_t> targets;
  for (const PlannedSegment& segment : set.plan().segments) {
    if (segment.stub_count == 0) continue;
    for (std::uint64_t i = 0; i < 2; ++i) {
      const std::uint64_t stub = value(segment.base) + segment.size - segment.stub_size + 16 * i;
      EXPECT_EQ(stub % 16, 0u);
      std::int32_t distance = 0;
      std::memcpy(&distance, process.memory->at(stub + 6, 4).data(), 4);  // of jmp *distance(%rip), after endbr64
      targets.push_back(process.memory->word_at(stub + 10 + static_cast<std::uint64_t>(std::int64_t{distance})));
    }
  }
  std::ranges::sort(targets);
  EXPECT_EQ(targets, (std::vector{kFar, kFar + 0x1000}));
}

TEST_F(ControlFlow, BoundStubsPassTheHandleAfterTheLandingPad) {
  process.runtime->symbols["__cxa_atexit"] = {
      .address = TargetAddr{kFar + 16}, .size = 0, .kind = HostSymbolKind::kFunction};
  const std::string code =
      stubs(set_of(c_object("int atexit(void (*)(void)); int f(void) { return atexit(0); }", kFull)));
  EXPECT_TRUE(code.starts_with("endbr64\nlea ")) << code;
  EXPECT_NE(code.find(",%rdx "), std::string::npos) << code;
  EXPECT_NE(code.find("\njmp *"), std::string::npos) << code;
}

TEST_F(ControlFlow, PlannedSizesAreUsed) {
  process.runtime->symbols["__cxa_atexit"] = {
      .address = TargetAddr{kFar + 16}, .size = 0, .kind = HostSymbolKind::kFunction};
  ObjectSet set = set_of(c_object(
      "int atexit(void (*)(void)), far(void); int f(void) { return atexit(0) + far(); }", kFull));
  const auto stub_size = [](const Plan& p) {
    std::uint64_t size = 0;
    for (const PlannedSegment& segment : p.segments) size += segment.stub_size;
    return size;
  };
  const Plan planned = must(process.session->plan(set));
  const LinkedSet linked = must(process.session->link(std::move(set)));
  EXPECT_EQ(stub_size(planned), 16u + 24u);
  EXPECT_EQ(stub_size(linked.plan()), 16u + 24u);
  EXPECT_EQ(linked.usage().stub_size, 16u + 24u);
}

// ---- Running code

constexpr unsigned char kEndbr64[] = {0xf3, 0x0f, 0x1e, 0xfa};

bool begins_with_landing_pad(const void* code) { return std::memcmp(code, kEndbr64, sizeof kEndbr64) == 0; }

struct FarCode : testing::Test {
  FarCode() {
    SessionOptions options;
    options.detail = Detail::kSummary;
    options.memory = std::make_shared<FarMemory>();
    session = must(Session::create(std::move(options)));
  }
  std::unique_ptr<Session> session;
};

TEST_F(FarCode, CallsThroughAStubWithALandingPadArrive) {
  const LinkedSet set =
      must(session->link(set_of(c_object("int getpid(void); int f(void) { return getpid() + 1; }", kFull))));
  EXPECT_EQ(set.plan().count(NeedKind::kStub), 1u);
  EXPECT_EQ(call<int()>(set, "f"), ::getpid() + 1);
}

// Code that cannot hold a far function's address holds a stub's, and calls it indirectly.
TEST_F(FarCode, CanonicalStubIsALandingPad) {
  const LinkedSet set = must(session->link(
      set_of(c_object("int getpid(void); int (*f(void))(void) { return getpid; } int g(void) { return f()(); }",
                      "-O1 -fno-pic -fno-pie -fcf-protection=full"))));
  EXPECT_EQ(set.plan().count(NeedKind::kCanonicalStub), 1u);
  EXPECT_TRUE(begins_with_landing_pad(reinterpret_cast<const void*>(call<int (*())()>(set, "f"))));
  EXPECT_EQ(call<int()>(set, "g"), ::getpid());
}

// The call came first, and the other set's stub served it; a pointer has to hold one of this set's form.
TEST_F(FarCode, StubWhoseAddressIsTakenIsNotShared) {
  constexpr char kFlags[] = "-O1 -fno-pic -fno-pie -fcf-protection=";
  const auto object = [&](const char* source, const char* marks) {
    return c_object(source, kFlags + std::string(marks));
  };
  const LinkedSet low = must(session->link(
      set_of(object("int getpid(void), pin[2]; int *at(int i) { return pin + i; } int f(void) { return getpid() + 1; }",
                    "none"),
             "low")));
  ObjectSet set = set_of(
      {{"calls.o", object("int getpid(void); int calls(void) { return getpid() + 1; }", "full")},
       {"takes.o", object("int getpid(void); int (*takes(void))(void) { return getpid; }", "full")}});
  set.share_with(low);
  const Plan planned = must(session->plan(set));
  const LinkedSet user = must(session->link(std::move(set)));
  EXPECT_TRUE(begins_with_landing_pad(reinterpret_cast<const void*>(call<int (*())()>(user, "takes"))));
  EXPECT_EQ(call<int()>(user, "calls"), ::getpid() + 1);
  EXPECT_EQ(planned.shared_stub_count, 0u);
  EXPECT_EQ(user.usage().stub_count, 1u);
}

// Later versions may be marked, and others hold the address.
TEST(Faces, OfReplaceableSetsAreLandingPadsFromTheFirstVersionOn) {
  const auto session = new_session();
  const auto version = [](int n, const char* flags) {
    ObjectSet set = set_of(c_object("int version(void) { return " + std::to_string(n) + "; }", flags), "v");
    set.options().replaceable = Replaceable::kByOthers;
    return set;
  };
  LinkedSet set = must(session->link(version(1, kNone)));
  auto* f = function<int()>(set, "version");
  EXPECT_TRUE(begins_with_landing_pad(reinterpret_cast<const void*>(f)));
  EXPECT_FALSE(set.plan().landing_pads);
  const LinkedSet old = must(session->replace(set, version(2, kFull)));
  EXPECT_EQ(f(), 2);
  EXPECT_EQ(function<int()>(set, "version"), f);
  EXPECT_TRUE(set.plan().landing_pads);
}

}  // namespace
}  // namespace enfold::test
