// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Instructions that the linker rewrites or makes, read back by objdump: psABI, B.2 "Optimize GOTPCRELX Relocations".
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "fakes.h"
#include "support.h"

namespace enfold::test {
namespace {

// One instruction at `here`, which refers to `there`, both of one set.
struct Linked {
  std::string text;  // disassembled
  std::uint64_t there = 0, slot = 0;
  std::uint64_t slot_count = 0, relaxed_count = 0;
};

constexpr char kThere[] = ".text\nthere: ret\n";

Linked link_one(const std::string& instruction, bool relax = true, const char* there = kThere,
                std::uint64_t base = kFakeBase) {
  FakeProcess process(base);
  ObjectSet set = set_of(assembled(".section .text.here,\"ax\",@progbits\n.globl here, there\nhere: " + instruction +
                                   "\n.Lend: .size here, .Lend - here\n" + there));
  set.options().relax = relax;
  const LinkedSet linked = must(process.session->link(std::move(set)));
  Linked out;
  std::uint64_t size = 0;
  for (const PlannedSymbol& symbol : linked.plan().symbols) {
    if (symbol.name == "here") size = symbol.size;
    if (symbol.name == "there") out.there = value(symbol.address);
  }
  for (const PlannedSegment& segment : linked.plan().segments) {
    if (segment.slot_count != 0) out.slot = value(segment.base);
  }
  const std::uint64_t here = value(must(linked.address("here")));
  out.text = disassemble(process.memory->at(here, size), here);
  out.slot_count = linked.plan().count(NeedKind::kSlot);
  out.relaxed_count = linked.plan().relaxed_count;
  return out;
}

std::string comment(std::uint64_t address) { return fmt::format("# {:#x}\n", address); }

void expect_operand(const Linked& linked, const std::string& mnemonic, const std::string& rest, std::uint64_t operand) {
  EXPECT_TRUE(linked.text.starts_with(mnemonic)) << linked.text;
  EXPECT_NE(linked.text.find(rest + comment(operand)), std::string::npos) << linked.text;
}

class LoadOf : public testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Register64, LoadOf,
                         testing::Values("rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10",
                                         "r11", "r12", "r13", "r14", "r15"),
                         [](const auto& name) { return std::string(name.param); });
INSTANTIATE_TEST_SUITE_P(Register32, LoadOf,
                         testing::Values("eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi", "r8d", "r15d"),
                         [](const auto& name) { return std::string(name.param); });

// 32 bits hold an address below 4 GiB only.
std::uint64_t base_for(const std::string& reg) { return reg[1] == 'r' && reg.back() != 'd' ? kFakeBase : 0x1000'0000; }

TEST_P(LoadOf, AddressBecomesLea) {
  const std::string reg = std::string("%") + GetParam();
  const Linked linked = link_one("mov there@GOTPCREL(%rip), " + reg, true, kThere, base_for(reg));
  expect_operand(linked, "lea", "(%rip)," + reg + " ", linked.there);
  EXPECT_EQ(linked.slot_count, 0u);
  EXPECT_EQ(linked.relaxed_count, 1u);
}

TEST_P(LoadOf, AddressKeepsItsSlotWithoutRelaxation) {
  const std::string reg = std::string("%") + GetParam();
  const Linked linked = link_one("mov there@GOTPCREL(%rip), " + reg, false, kThere, base_for(reg));
  expect_operand(linked, "mov", "(%rip)," + reg + " ", linked.slot);
  EXPECT_EQ(linked.slot_count, 1u);
  EXPECT_EQ(linked.relaxed_count, 0u);
}

TEST(Relax, IndirectCallBecomesDirect) {
  const Linked linked = link_one("call *there@GOTPCREL(%rip)");
  EXPECT_EQ(linked.text, fmt::format("addr32 call {:#x}\n", linked.there));
  EXPECT_EQ(linked.slot_count, 0u);
}

TEST(Relax, IndirectJumpBecomesDirect) {
  const Linked linked = link_one("jmp *there@GOTPCREL(%rip)");
  EXPECT_EQ(linked.text, fmt::format("jmp {:#x}\nnop\n", linked.there));
  EXPECT_EQ(linked.slot_count, 0u);
}

TEST(Relax, IndirectCallKeepsItsSlotWithoutRelaxation) {
  const Linked linked = link_one("call *there@GOTPCREL(%rip)", false);
  expect_operand(linked, "call", "(%rip) ", linked.slot);
}

TEST(Relax, IndirectJumpKeepsItsSlotWithoutRelaxation) {
  const Linked linked = link_one("jmp *there@GOTPCREL(%rip)", false);
  expect_operand(linked, "jmp", "(%rip) ", linked.slot);
}

// The slot's contents, not the address, are the operand: there is no direct form that reaches all of 64 bits.
class Operation : public testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Binary, Operation, testing::Values("add", "or", "adc", "sbb", "and", "sub", "xor", "cmp"),
                         [](const auto& name) { return std::string(name.param); });

TEST_P(Operation, OnTheAddressKeepsItsSlot) {
  const std::string mnemonic = GetParam();
  const Linked linked = link_one(mnemonic + " there@GOTPCREL(%rip), %rdx");
  expect_operand(linked, mnemonic, "(%rip),%rdx ", linked.slot);
  EXPECT_EQ(linked.slot_count, 1u);
}

TEST(Relax, TestOfTheAddressKeepsItsSlot) {
  const Linked linked = link_one("test %rcx, there@GOTPCREL(%rip)");
  expect_operand(linked, "test %rcx,", "(%rip) ", linked.slot);
}

TEST(Relax, PushOfTheAddressKeepsItsSlot) {
  const Linked linked = link_one("push there@GOTPCREL(%rip)");
  expect_operand(linked, "push", "(%rip) ", linked.slot);
}

// A relocation without the X says nothing of the instruction around it.
TEST(Relax, PlainTypeKeepsItsSlot) {
  const Linked linked = link_one(".byte 0x48, 0x8b, 0x05\n1: .long 0\n.reloc 1b, R_X86_64_GOTPCREL, there-4");
  expect_operand(linked, "mov", "(%rip),%rax ", linked.slot);
  EXPECT_EQ(linked.slot_count, 1u);
}

TEST(Relax, AnotherAddendReadsBesideTheSlotAndKeepsIt) {
  const Linked linked = link_one("mov there@GOTPCREL+4(%rip), %eax");
  expect_operand(linked, "mov", "(%rip),%eax ", linked.slot + 4);
}

TEST(Relax, WeakNullIsOutOfReachAndKeepsItsSlot) {
  const Linked linked = link_one("mov there@GOTPCREL(%rip), %rax", true, ".weak there\n");
  expect_operand(linked, "mov", "(%rip),%rax ", linked.slot);
}

TEST(Relax, AbsoluteSymbolOutOfReachKeepsItsSlot) {
  const Linked linked = link_one("mov there@GOTPCREL(%rip), %rax", true, ".set there, 42\n");
  expect_operand(linked, "mov", "(%rip),%rax ", linked.slot);
}

// A field at the very start of a section has no room for the opcode that the relocation type promises.
TEST(Relax, FieldWithoutAnOpcodeBeforeItIsLeftAlone) {
  const Linked linked = link_one(".long 0\n.reloc here, R_X86_64_GOTPCRELX, there-4");
  EXPECT_EQ(linked.slot_count, 1u);
}

// Stubs

struct StubCode {
  std::string text;
  std::uint64_t slot = 0, slot_holds = 0, handle = 0;
};

StubCode stub_for(const char* function) {
  FakeProcess process;
  process.runtime->symbols[function] = {.address = TargetAddr{kFar}, .size = 0, .kind = HostSymbolKind::kFunction};
  for (const char* behind : {"__cxa_atexit", "__cxa_at_quick_exit", "__register_atfork"}) {
    process.runtime->symbols[behind] = {.address = TargetAddr{kFar + 16}, .size = 0, .kind = HostSymbolKind::kFunction};
  }
  if (std::string_view(function) != "far") process.runtime->symbols.erase(function);
  const LinkedSet set =
      must(process.session->link(set_of(assembled(std::string(".globl here\nhere: call ") + function +
                                                  "@PLT\nret\n.data\n.globl handle\nhandle: .quad __dso_handle\n"))));
  StubCode out;
  for (const PlannedSegment& segment : set.plan().segments) {
    if (segment.slot_count != 0) out.slot = value(segment.base);
    if (segment.stub_count == 0) continue;
    const std::uint64_t stub = value(segment.base) + segment.size - segment.stub_size;
    out.text = disassemble(process.memory->at(stub, segment.stub_size), stub);
  }
  out.slot_holds = process.memory->word_at(out.slot);
  out.handle = process.memory->word_at(value(must(set.address("handle"))));
  return out;
}

TEST(Stub, JumpsThroughItsSlot) {
  const StubCode stub = stub_for("far");
  EXPECT_TRUE(stub.text.starts_with("jmp *")) << stub.text;
  EXPECT_NE(stub.text.find("(%rip) " + comment(stub.slot)), std::string::npos) << stub.text;
  EXPECT_EQ(stub.slot_holds, kFar);
}

TEST(Stub, EndsInTraps) { EXPECT_TRUE(stub_for("far").text.ends_with("\nint3\nint3\n")); }

struct Bound {
  const char* function;
  const char* reg;
};

class BoundStub : public testing::TestWithParam<Bound> {};

INSTANTIATE_TEST_SUITE_P(Functions, BoundStub,
                         testing::Values(Bound{"atexit", "%rdx"}, Bound{"at_quick_exit", "%rsi"},
                                         Bound{"pthread_atfork", "%rcx"}),
                         [](const auto& bound) { return std::string(bound.param.function); });

TEST_P(BoundStub, PassesTheHandleAndJumpsToTheFunctionBehind) {
  const StubCode stub = stub_for(GetParam().function);
  EXPECT_TRUE(stub.text.starts_with("lea ")) << stub.text;
  EXPECT_NE(stub.text.find(std::string("(%rip),") + GetParam().reg + " " + comment(stub.handle) + "jmp *"),
            std::string::npos)
      << stub.text;
  EXPECT_NE(stub.text.find("(%rip) " + comment(stub.slot)), std::string::npos) << stub.text;
  EXPECT_EQ(stub.slot_holds, kFar + 16);
}

}  // namespace
}  // namespace enfold::test
