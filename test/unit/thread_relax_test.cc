// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Thread-local code, as the ABIs write it and as the linker rewrites it, read back by objdump: "ELF Handling For
// Thread-Local Storage", 4.4.6 to 5.6, and the psABI's TLS descriptors.
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "fakes.h"
#include "support.h"

namespace enfold::test {
namespace {

constexpr std::int64_t kAfterFirst = 8;  // offset of the variable `v` in the block

// Two variables; something that makes the block static, where asked; then the code.
std::string source(const std::string& code, bool is_static) {
  std::string text =
      ".section .tdata,\"awT\",@progbits\n.type first, @object\nfirst: .quad 5\n.globl v\n.type v, @object\n"
      "v: .long 7\n.size v, 4\n";
  if (is_static) text += ".text\nmov %fs:first@tpoff, %eax\n";
  return text + ".section .text.here,\"ax\",@progbits\n.globl here\nhere: " + code + "\n.Lend: .size here, .Lend - here\n";
}

struct Linked {
  std::string text;  // disassembled
  std::uint64_t slot = 0;
  Plan plan;
  std::vector<std::uint64_t> words;  // of the slots
  std::vector<std::byte> image;
};

Linked link_code(const std::string& code, bool is_static, bool relax = true) {
  FakeProcess process;
  process.runtime->symbols["__tls_get_addr"] = {.address = TargetAddr{kFakeBase + 0x100000},
                                                .kind = HostSymbolKind::kFunction};
  ObjectSet set = set_of(assembled(source(code, is_static)));
  set.options().relax = relax;
  const LinkedSet linked = must(process.session->link(std::move(set)));
  Linked out;
  out.plan = linked.plan();
  std::uint64_t size = 0;
  for (const PlannedSymbol& symbol : out.plan.symbols) {
    if (symbol.name == "here") size = symbol.size;
  }
  for (const PlannedSegment& segment : out.plan.segments) {
    if (segment.slot_count == 0) continue;
    out.slot = value(segment.base);
    for (std::uint64_t i = 0; i < segment.slot_size; i += 8) out.words.push_back(process.memory->word_at(out.slot + i));
  }
  const std::uint64_t here = value(must(linked.address("here")));
  out.text = disassemble(process.memory->at(here, size), here);
  out.image = process.runtime->thread_image;
  return out;
}

// Where `v` is from the thread pointer, as objdump shows an immediate.
std::string distance() {
  return fmt::format("$0x{:x}", static_cast<std::uint64_t>(FakeRuntime::kThreadOffset + kAfterFirst));
}
std::string displacement() { return fmt::format("-0x{:x}", -(FakeRuntime::kThreadOffset + kAfterFirst)); }

constexpr char kPointer[] = "mov %fs:0x0,%rax\n";

TEST(ThreadCode, ImageIsWhatThreadsStartWith) {
  const Linked linked = link_code("ret", true);
  ASSERT_EQ(linked.image.size(), 12u);
  EXPECT_EQ(linked.image[0], std::byte{5});
  EXPECT_EQ(linked.image[8], std::byte{7});
}

// ---- General-dynamic

struct Call {
  const char* name;
  const char* code;
};

class GeneralDynamic : public testing::TestWithParam<Call> {};

INSTANTIATE_TEST_SUITE_P(
    Calls, GeneralDynamic,
    testing::Values(
        Call{"Direct", ".byte 0x66\nlea v@tlsgd(%rip), %rdi\n.byte 0x66, 0x66, 0x48\ncall __tls_get_addr@PLT"},
        Call{"BySlot",
             ".byte 0x66\nlea v@tlsgd(%rip), %rdi\n.byte 0x66\nrex64 call *__tls_get_addr@GOTPCREL(%rip)"},
        Call{"Large", "lea v@tlsgd(%rip), %rdi\nmovabs $__tls_get_addr@pltoff, %rax\nadd %rbx, %rax\ncall *%rax"},
        Call{"LargeByR15",
             "lea v@tlsgd(%rip), %rdi\nmovabs $__tls_get_addr@pltoff, %rax\nadd %r15, %rax\ncall *%rax"}),
    [](const auto& input) { return std::string(input.param.name); });

TEST_P(GeneralDynamic, OfAStaticBlockAddsToTheThreadPointer) {
  const Linked linked = link_code(GetParam().code, true);
  EXPECT_TRUE(linked.text.starts_with(std::string(kPointer) + "lea " + displacement() + "(%rax),%rax\n")) << linked.text;
  EXPECT_EQ(linked.text.find("call"), std::string::npos) << linked.text;
  EXPECT_EQ(linked.plan.count(NeedKind::kThreadIndex), 0u);
  EXPECT_EQ(linked.plan.count(NeedKind::kStub) + linked.plan.count(NeedKind::kSlot), 0u);
}

TEST_P(GeneralDynamic, OtherwiseCallsWithModuleAndOffset) {
  const Linked linked = link_code(GetParam().code, false);
  EXPECT_NE(linked.text.find(fmt::format("%rdi # {:#x}\n", linked.slot)), std::string::npos) << linked.text;
  EXPECT_NE(linked.text.find("call"), std::string::npos) << linked.text;
  ASSERT_GE(linked.words.size(), 2u);
  EXPECT_EQ(linked.words[0], FakeRuntime::kModule);
  EXPECT_EQ(linked.words[1], static_cast<std::uint64_t>(kAfterFirst));
}

TEST_P(GeneralDynamic, StaysAsItIsWithoutRelaxation) {
  const Linked linked = link_code(GetParam().code, true, false);
  EXPECT_EQ(linked.plan.count(NeedKind::kThreadIndex), 1u);
  EXPECT_NE(linked.text.find("call"), std::string::npos) << linked.text;
}

// Instructions that no compiler writes so: the slot serves.
TEST(ThreadCode, UnknownSequencesAreLeftAlone) {
  for (const char* code : {"lea v@tlsgd(%rip), %rdi\ncall __tls_get_addr@PLT", "lea v@tlsgd(%rip), %rsi\nret",
                           ".byte 0x66\nlea v@tlsgd(%rip), %rdi\nnop\nnop\nnop\ncall __tls_get_addr@PLT",
                           ".byte 0x66\nlea v@tlsgd(%rip), %rdi\n.byte 0x66, 0x66, 0x48\ncall here"}) {
    const Linked linked = link_code(code, true);
    EXPECT_EQ(linked.plan.count(NeedKind::kThreadIndex), 1u) << code;
    EXPECT_NE(linked.text.find(fmt::format("# {:#x}\n", linked.slot)), std::string::npos) << linked.text;
  }
}

// ---- Local-dynamic

class LocalDynamic : public testing::TestWithParam<Call> {};

INSTANTIATE_TEST_SUITE_P(
    Calls, LocalDynamic,
    testing::Values(Call{"Direct", "lea v@tlsld(%rip), %rdi\ncall __tls_get_addr@PLT"},
                    Call{"BySlot", "lea v@tlsld(%rip), %rdi\ncall *__tls_get_addr@GOTPCREL(%rip)"},
                    Call{"Large",
                         "lea v@tlsld(%rip), %rdi\nmovabs $__tls_get_addr@pltoff, %rax\nadd %rbx, %rax\ncall *%rax"}),
    [](const auto& input) { return std::string(input.param.name); });

std::string with_use(const char* call) { return std::string(call) + "\nmov v@dtpoff(%rax), %edx"; }

TEST_P(LocalDynamic, OfAStaticBlockCountsFromTheThreadPointer) {
  const Linked linked = link_code(with_use(GetParam().code), true);
  EXPECT_NE(linked.text.find("mov %fs:0x0,%rax\nmov " + displacement() + "(%rax),%edx"), std::string::npos)
      << linked.text;
  EXPECT_EQ(linked.text.find("call"), std::string::npos) << linked.text;
  EXPECT_EQ(linked.plan.count(NeedKind::kThreadModule), 0u);
}

TEST_P(LocalDynamic, OtherwiseCountsFromTheBlock) {
  const Linked linked = link_code(with_use(GetParam().code), false);
  EXPECT_NE(linked.text.find("mov 0x8(%rax),%edx"), std::string::npos) << linked.text;
  ASSERT_GE(linked.words.size(), 2u);
  EXPECT_EQ(linked.words[0], FakeRuntime::kModule);
  EXPECT_EQ(linked.words[1], 0u);
  EXPECT_EQ(linked.plan.count(NeedKind::kThreadModule), 1u);
}

// One sequence of the set that cannot be rewritten keeps all of them: what follows says not to which it belongs.
TEST(ThreadCode, LocalDynamicIsRewrittenAllOrNone) {
  const Linked linked =
      link_code(with_use("lea v@tlsld(%rip), %rdi\nnop\ncall __tls_get_addr@PLT\n"
                         "lea v@tlsld(%rip), %rdi\ncall __tls_get_addr@PLT"),
                true);
  EXPECT_NE(linked.text.find("mov 0x8(%rax),%edx"), std::string::npos) << linked.text;
  EXPECT_EQ(linked.plan.count(NeedKind::kThreadModule), 1u);
}

// ---- Initial-exec and descriptors, with every register

class Register : public testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(All, Register,
                         testing::Values("rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10",
                                         "r11", "r12", "r13", "r14", "r15"),
                         [](const auto& name) { return std::string(name.param); });

TEST_P(Register, LoadOfADistanceBecomesAMove) {
  const std::string reg = std::string("%") + GetParam();
  const Linked linked = link_code("mov v@gottpoff(%rip), " + reg, false);
  EXPECT_EQ(linked.text, "mov " + distance() + "," + reg + "\n");
  EXPECT_EQ(linked.plan.count(NeedKind::kThreadOffset), 0u);
}

TEST_P(Register, AdditionOfADistanceTakesItAtOnce) {
  const std::string reg = std::string("%") + GetParam();
  const Linked linked = link_code("add v@gottpoff(%rip), " + reg, false);
  EXPECT_EQ(linked.text, "add " + distance() + "," + reg + "\n");
}

TEST_P(Register, LoadOfADistanceUsesASlotWithoutRelaxation) {
  const std::string reg = std::string("%") + GetParam();
  const Linked linked = link_code("mov v@gottpoff(%rip), " + reg, false, false);
  EXPECT_NE(linked.text.find(fmt::format(",{} # {:#x}\n", reg, linked.slot)), std::string::npos) << linked.text;
  ASSERT_EQ(linked.words.size(), 1u);
  EXPECT_EQ(linked.words[0], static_cast<std::uint64_t>(FakeRuntime::kThreadOffset + kAfterFirst));
}

TEST(ThreadCode, OtherUsesOfADistanceKeepTheSlot) {
  const Linked linked = link_code("sub v@gottpoff(%rip), %rax", false);
  EXPECT_EQ(linked.plan.count(NeedKind::kThreadOffset), 1u);
  EXPECT_NE(linked.text.find(fmt::format("# {:#x}\n", linked.slot)), std::string::npos) << linked.text;
}

constexpr char kDescriptor[] = "lea v@tlsdesc(%rip), %rax\ncall *v@tlscall(%rax)";

TEST(ThreadCode, DescriptorOfAStaticBlockBecomesAConstant) {
  const Linked linked = link_code(kDescriptor, true);
  EXPECT_EQ(linked.text, "mov " + distance() + ",%rax\nxchg %ax,%ax\n");
  EXPECT_EQ(linked.plan.count(NeedKind::kThreadDescriptor), 0u);
}

TEST(ThreadCode, DescriptorHoldsEntryPointAndArgument) {
  const Linked dynamic = link_code(kDescriptor, false);
  EXPECT_NE(dynamic.text.find("call *(%rax)"), std::string::npos) << dynamic.text;
  ASSERT_EQ(dynamic.words.size(), 2u);
  EXPECT_EQ(dynamic.words[0], 0x7f00'1000'0020u);
  EXPECT_EQ(dynamic.words[1], FakeRuntime::kModule << 32 | static_cast<std::uint64_t>(kAfterFirst));
  const Linked fixed = link_code(kDescriptor, true, false);
  ASSERT_EQ(fixed.words.size(), 2u);
  EXPECT_EQ(fixed.words[0], 0x7f00'1000'0010u);
  EXPECT_EQ(fixed.words[1], static_cast<std::uint64_t>(FakeRuntime::kThreadOffset + kAfterFirst));
}

// A call that is not the ABI's keeps the object's descriptors.
TEST(ThreadCode, DescriptorsOfAnObjectAreRewrittenAllOrNone) {
  const Linked linked = link_code(std::string(kDescriptor) + "\nlea v@tlsdesc(%rip), %rax\n.reloc ., R_X86_64_TLSDESC_CALL, v\ncall *8(%rax)", true);
  EXPECT_EQ(linked.plan.count(NeedKind::kThreadDescriptor), 1u);
  EXPECT_EQ(linked.text.find("xchg"), std::string::npos) << linked.text;
}

// ---- Words

TEST(ThreadCode, ConstantsAndWords) {
  const Linked linked = link_code(
      "mov %fs:v@tpoff, %eax\nmovabs $v@tpoff, %rcx\n.quad v@dtpoff\n.reloc ., R_X86_64_DTPMOD64, v\n.quad 0", false);
  EXPECT_NE(linked.text.find("mov %fs:0x" + fmt::format("{:x}", static_cast<std::uint64_t>(
                                                                     FakeRuntime::kThreadOffset + kAfterFirst))),
            std::string::npos)
      << linked.text;
  EXPECT_NE(linked.text.find("movabs " + distance() + ",%rcx"), std::string::npos) << linked.text;
}

TEST(ThreadCode, RangeOfADistance) {
  FakeProcess process;
  const auto link_with = [&](const char* addend) {
    ObjectSet set = private_set(assembled(source(fmt::format("mov %fs:v@tpoff{}, %eax", addend), false)));
    return process.session->link(std::move(set));
  };
  // -2^31 <= kThreadOffset + 8 + A < 2^31
  EXPECT_TRUE(link_with("+0x7fffffff"));
  EXPECT_TRUE(link_with("-0x7fffedd8"));
  const Error error = error_of(link_with("-0x7fffedd9"));
  EXPECT_EQ(error.code(), ErrorCode::kOutOfRange) << error.text();
}

}  // namespace
}  // namespace enfold::test
