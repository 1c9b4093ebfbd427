// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Instructions that read a part of a slot: 32 bits of an address hold it below 4 GiB only, so that the set lies there,
// or the link is refused. Reads of 64 bits, and of 8 and 16, ask for nothing.
#include <unistd.h>

#include <string>

#include <gtest/gtest.h>

#include "fakes.h"
#include "support.h"

namespace enfold::test {
namespace {

constexpr std::uint64_t kLowEnd = std::uint64_t{1} << 31;

ObjectBytes with_instruction(const std::string& instruction) {
  return assembled(".section .text.here,\"ax\",@progbits\n.globl here\n.type here, @function\nhere: " + instruction + "\nret\n");
}

// An instruction that refers to data outside the set, out of reach of 32 bits.
Expected<LinkedSet> link_with_data(const std::string& instruction) {
  static FakeProcess process;
  process.runtime->symbols["far"] = {.address = TargetAddr{kFar}, .size = 8, .kind = HostSymbolKind::kData};
  return process.session->link(private_set(with_instruction(instruction)));
}

class HalfRead : public testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(
    Instruction, HalfRead,
    testing::Values(
        "movl far@GOTPCREL(%rip), %eax", "movl far@GOTPCREL(%rip), %r8d", "addl far@GOTPCREL(%rip), %eax",
        "cmpl far@GOTPCREL(%rip), %r9d", "xorl far@GOTPCREL(%rip), %ecx", "testl %eax, far@GOTPCREL(%rip)",
        "cmpl %eax, far@GOTPCREL(%rip)", "cmpl %r10d, far@GOTPCREL(%rip)", "movslq far@GOTPCREL(%rip), %rax",
        "cmovne far@GOTPCREL(%rip), %eax", "cmovne far@GOTPCREL(%rip), %r11d",
        // A type that says nothing of the instruction; %edx, %ebp before it look like a prefix.
        "mov %edx, %ebp\n.byte 0x44, 0x8b, 0x05\n1: .long 0\n.reloc 1b, R_X86_64_GOTPCREL, far - 4",
        "nop\n.byte 0x8b, 0x05\n1: .long 0\n.reloc 1b, R_X86_64_GOTPCREL, far - 4",
        // APX: movl to %r16d, as LLVM marks it; addl with three operands; cmovnel to %r16d and with three operands.
        ".byte 0xd5, 0x40, 0x8b, 0x05\n1: .long 0\n.reloc 1b, R_X86_64_REX_GOTPCRELX, far - 4",
        ".byte 0xd5, 0x40, 0x8b, 0x05\n1: .long 0\n.reloc 1b, R_X86_64_GOTPCREL, far - 4",
        ".byte 0x62, 0xf4, 0x64, 0x18, 0x03, 0x05\n1: .long 0\n.reloc 1b, R_X86_64_GOTPCREL, far - 4",
        ".byte 0xd5, 0xc0, 0x45, 0x05\n1: .long 0\n.reloc 1b, R_X86_64_GOTPCREL, far - 4",
        ".byte 0x62, 0xf4, 0x64, 0x18, 0x45, 0x05\n1: .long 0\n.reloc 1b, R_X86_64_GOTPCREL, far - 4"));

TEST_P(HalfRead, OfAnAddressThatHasMoreIsRefused) {
  const Error error = error_of(link_with_data(std::string("nop\n") + GetParam()));
  EXPECT_EQ(error.code(), ErrorCode::kOutOfRange);
  const std::string text = error.text();
  for (const char* part : {"a.o", ".text.here", "far", "0x123456780000", "32 bits", "64 bits", "--copy-data"}) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  }
}

class OtherRead : public testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(
    Instruction, OtherRead,
    testing::Values(
        "movq far@GOTPCREL(%rip), %rax", "movq far@GOTPCREL(%rip), %r8", "addq far@GOTPCREL(%rip), %rax",
        "cmpq far@GOTPCREL(%rip), %r9", "cmpq %rax, far@GOTPCREL(%rip)", "testq %rax, far@GOTPCREL(%rip)",
        "cmovne far@GOTPCREL(%rip), %rax", "push far@GOTPCREL(%rip)", "call *far@GOTPCREL(%rip)",
        "jmp *far@GOTPCREL(%rip)", "movq far@GOTPCREL(%rip), %xmm0", "leaq far@GOTPCREL(%rip), %rax",
        // Bits that are meant as such: the upper half, an alignment, parts of a hash.
        "movl far@GOTPCREL+4(%rip), %eax", "testl $4095, far@GOTPCREL(%rip)", "testb $15, far@GOTPCREL(%rip)",
        "movw far@GOTPCREL(%rip), %ax", "movw far@GOTPCREL(%rip), %r8w", "movzwl far@GOTPCREL(%rip), %eax",
        "movb far@GOTPCREL(%rip), %al", "movzbl far@GOTPCREL(%rip), %eax",
        "nop\n.byte 0x48, 0x8b, 0x05\n1: .long 0\n.reloc 1b, R_X86_64_GOTPCREL, far - 4",
        ".byte 0xd5, 0x48, 0x8b, 0x05\n1: .long 0\n.reloc 1b, R_X86_64_REX_GOTPCRELX, far - 4",
        ".byte 0xd5, 0x48, 0x8b, 0x05\n1: .long 0\n.reloc 1b, R_X86_64_GOTPCREL, far - 4",
        ".byte 0x62, 0xf4, 0xe4, 0x18, 0x03, 0x05\n1: .long 0\n.reloc 1b, R_X86_64_GOTPCREL, far - 4",
        ".byte 0x62, 0xf4, 0x65, 0x18, 0x03, 0x05\n1: .long 0\n.reloc 1b, R_X86_64_GOTPCREL, far - 4",
        ".byte 0x62, 0xf4, 0xe4, 0x18, 0x45, 0x05\n1: .long 0\n.reloc 1b, R_X86_64_GOTPCREL, far - 4",
        // No code.
        "ret\n.data\n.byte 0, 0x8b, 0x05\n1: .long 0\n.reloc 1b, R_X86_64_GOTPCREL, far - 4"));

TEST_P(OtherRead, AsksForNothing) { EXPECT_NO_THROW(must(link_with_data(std::string("nop\n") + GetParam()))); }

TEST(PartialRead, OfTheSetsOwnPlacesItLow) {
  for (const bool relax : {true, false}) {
    const auto session = new_session();
    ObjectSet set = set_of(with_instruction("movl word@GOTPCREL(%rip), %eax\nret\n.data\n.globl word\nword: .long 7"));
    set.options().relax = relax;
    const LinkedSet linked = must(session->link(std::move(set)));
    EXPECT_LT(value(must(linked.address("word"))), kLowEnd);
    EXPECT_EQ(call<unsigned()>(linked, "here"), value(must(linked.address("word"))));
    EXPECT_EQ(linked.plan().count(NeedKind::kSlot), relax ? 0u : 1u);
  }
}

TEST(PartialRead, OfWhatHasNoSlotOfItsOwnPlacesItLow) {
  const auto session = new_session();
  const LinkedSet linked = must(session->link(set_of(with_instruction(
      "movslq chosen@GOTPCREL(%rip), %rax\njmp *%rax\n.type chosen, @gnu_indirect_function\n"
      "chosen: lea real(%rip), %rax\nret\nreal: mov $42, %eax\nret"))));
  EXPECT_LT(value(must(linked.address("here"))), kLowEnd);
  EXPECT_EQ(call<int()>(linked, "here"), 42);
}

TEST(PartialRead, OfAFunctionOfTheProcessGetsAStubForItsAddress) {
  const auto session = new_session();
  const LinkedSet linked = must(
      session->link(set_of(with_instruction("mov $-5, %edi\nmovl abs@GOTPCREL(%rip), %eax\njmp *%rax"))));
  EXPECT_EQ(call<int()>(linked, "here"), 5);
  EXPECT_EQ(linked.plan().count(NeedKind::kCanonicalStub), 1u);
}

TEST(PartialRead, OfDataOfTheProcessIsOfItsCopyWhereThatIsAllowed) {
  const auto session = new_session();
  ObjectSet set = set_of(with_instruction("movl environ@GOTPCREL(%rip), %eax\nmov (%rax), %rax"));
  set.options().copy_data = true;
  const LinkedSet linked = must(session->link(std::move(set)));
  EXPECT_EQ(call<char**()>(linked, "here"), environ);
}

TEST(PartialRead, OfWhatIsLowAlreadyAsksForNothing) {
  const auto session = new_session();
  must(session->define("port", TargetAddr{0xffff'7000}, HostSymbolKind::kData));
  const LinkedSet linked = must(session->link(set_of(with_instruction("movl port@GOTPCREL(%rip), %eax"))));
  EXPECT_GT(value(must(linked.address("here"))), kLowEnd);
  EXPECT_EQ(call<unsigned()>(linked, "here"), 0xffff'7000u);
  EXPECT_EQ(error_of(session->link(private_set(with_instruction("movslq port@GOTPCREL(%rip), %rax")))).code(),
            ErrorCode::kOutOfRange);
}

TEST(PartialRead, OfNullAsksForNothing) {
  const auto session = new_session();
  const LinkedSet linked =
      must(session->link(set_of(with_instruction(".weak none\nmovl none@GOTPCREL(%rip), %eax"))));
  EXPECT_EQ(call<unsigned()>(linked, "here"), 0u);
}

// Others know the function by the first version's stub, which lies where it is.
TEST(PartialRead, OfAFunctionThatANewVersionCannotPlaceIsRefused) {
  const auto session = new_session();
  const auto version = [](const char* instruction) {
    ObjectSet set = set_of(with_instruction(instruction));
    set.options().replaceable = Replaceable::kThroughout;
    return set;
  };
  LinkedSet linked = must(session->link(version("mov $1, %eax")));
  const Error error = error_of(session->replace(linked, version("movl here@GOTPCREL(%rip), %eax")));
  EXPECT_EQ(error.code(), ErrorCode::kOutOfRange);
  EXPECT_EQ(call<int()>(linked, "here"), 1);
}

TEST(PartialRead, WithoutRoomBelow2GiBIsRefused) {
  FakeProcess process;  // all of its memory is high
  const Error error = error_of(process.session->link(set_of(with_instruction("movl here@GOTPCREL(%rip), %eax"))));
  EXPECT_EQ(error.code(), ErrorCode::kMemory);
  EXPECT_NE(error.text().find("here"), std::string::npos) << error.text();
}

}  // namespace
}  // namespace enfold::test
