// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Instructions of APX that the linker rewrites, read back by LLVM's disassembler: what the relocations
// R_X86_64_CODE_4_* to R_X86_64_CODE_6_* mark. No assembler here writes them, so each is made of another one. None is
// run.
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "elf_patch.h"
#include "fakes.h"
#include "support.h"

namespace enfold::test {
namespace {

enum Type : std::uint32_t {
  kCode4Slot = 43,
  kCode4ThreadSlot,
  kCode4Descriptor,
  kCode5Slot,
  kCode5ThreadSlot,
  kCode5Descriptor,
  kCode6Slot,
  kCode6ThreadSlot,
  kCode6Descriptor,
};

struct Linked {
  std::string text;
  std::int64_t slot_distance = 0, target_distance = 0;  // from the end of the instruction
  std::uint64_t slot_count = 0, relaxed_count = 0;
};

// The instruction's bytes before its field, which ends it.
struct Code {
  const char* name;
  Type type;
  const char* bytes;
};

// `there` may be a function, or a thread-local whose distance from the thread pointer is known.
Linked link_code(const Code& code, bool thread_local_target, bool relax = true) {
  const std::string target = thread_local_target
                                 ? ".section .tdata,\"awT\",@progbits\n.type there, @object\nthere: .quad 5\n"
                                   ".text\nmov %fs:there@tpoff, %eax\n"
                                 : ".text\n.globl there\nthere: ret\n";
  const std::string section = ".section .text.here,\"ax\",@progbits\n.globl here\nhere: .byte ";
  Patched object(assembled(section + code.bytes +
                           "\n1: .long 0\n.Lend: .size here, .Lend - here\n.reloc 1b, R_X86_64_GOTPCREL, there - 4\n" +
                           target));
  object.set_type(".text.here", code.type);
  FakeProcess process(0x1000'0000);  // 32 bits hold an address below 4 GiB only
  ObjectSet set = set_of(object.bytes());
  set.options().relax = relax;
  const LinkedSet linked = must(process.session->link(std::move(set)));
  Linked out;
  out.slot_count = linked.plan().count(NeedKind::kSlot) + linked.plan().count(NeedKind::kThreadOffset) +
                   linked.plan().count(NeedKind::kThreadDescriptor);
  out.relaxed_count = linked.plan().relaxed_count;
  const std::uint64_t here = value(must(linked.address("here")));
  std::uint64_t size = 0;
  for (const PlannedSymbol& symbol : linked.plan().symbols) {
    if (symbol.name == "here") size = symbol.size;
  }
  for (const PlannedSymbol& symbol : linked.plan().symbols) {
    if (symbol.name == "there") out.target_distance = static_cast<std::int64_t>(value(symbol.address) - here - size);
  }
  for (const PlannedSegment& segment : linked.plan().segments) {
    if (segment.slot_count != 0) out.slot_distance = static_cast<std::int64_t>(value(segment.base) - here - size);
  }
  out.text = disassemble_by_llvm(process.memory->at(here, size));
  return out;
}

struct Case {
  Code code;
  const char* rewritten;  // {}: the constant or distance
  const char* kept;
};

std::string name_of(const testing::TestParamInfo<Case>& info) { return info.param.code.name; }

class ApxLoad : public testing::TestWithParam<Case> {};

INSTANTIATE_TEST_SUITE_P(
    Rex2, ApxLoad,
    testing::Values(
        Case{{"R16", kCode4Slot, "0xd5, 0x48, 0x8b, 0x05"}, "leaq {}(%rip), %r16\n", "movq {}(%rip), %r16\n"},
        Case{{"R23", kCode4Slot, "0xd5, 0x48, 0x8b, 0x3d"}, "leaq {}(%rip), %r23\n", "movq {}(%rip), %r23\n"},
        Case{{"R31", kCode4Slot, "0xd5, 0x4c, 0x8b, 0x3d"}, "leaq {}(%rip), %r31\n", "movq {}(%rip), %r31\n"},
        Case{{"R31d", kCode4Slot, "0xd5, 0x44, 0x8b, 0x3d"}, "leal {}(%rip), %r31d\n", "movl {}(%rip), %r31d\n"}),
    name_of);

TEST_P(ApxLoad, OfAnAddressBecomesLea) {
  const Linked linked = link_code(GetParam().code, false);
  EXPECT_EQ(linked.text, fmt::format(fmt::runtime(GetParam().rewritten), linked.target_distance));
  EXPECT_EQ(linked.slot_count, 0u);
  EXPECT_EQ(linked.relaxed_count, 1u);
}

TEST_P(ApxLoad, KeepsItsSlotWithoutRelaxation) {
  const Linked linked = link_code(GetParam().code, false, false);
  EXPECT_EQ(linked.text, fmt::format(fmt::runtime(GetParam().kept), linked.slot_distance));
  EXPECT_EQ(linked.slot_count, 1u);
}

class ApxThreadLocal : public testing::TestWithParam<Case> {};

// What the register is called tells that all of its bits went where they belong.
INSTANTIATE_TEST_SUITE_P(
    Constants, ApxThreadLocal,
    testing::Values(
        Case{{"MovR16", kCode4ThreadSlot, "0xd5, 0x48, 0x8b, 0x05"}, "movq ${}, %r16\n", "movq {}(%rip), %r16\n"},
        Case{{"MovR31", kCode4ThreadSlot, "0xd5, 0x4c, 0x8b, 0x3d"}, "movq ${}, %r31\n", "movq {}(%rip), %r31\n"},
        Case{{"MovR9", kCode4ThreadSlot, "0xd5, 0x0c, 0x8b, 0x0d"}, "movq ${}, %r9\n", "movq {}(%rip), %r9\n"},
        Case{{"AddR24", kCode4ThreadSlot, "0xd5, 0x4c, 0x03, 0x05"}, "addq ${}, %r24\n", "addq {}(%rip), %r24\n"},
        Case{{"Descriptor", kCode4Descriptor, "0xd5, 0x48, 0x8d, 0x25"}, "movq ${}, %r20\n", "leaq {}(%rip), %r20\n"},
        Case{{"NewR16", kCode6ThreadSlot, "0x62, 0x74, 0xfc, 0x10, 0x01, 0x05"},
             "addq ${}, %r8, %r16\n",
             "addq %r8, {}(%rip), %r16\n"},
        Case{{"NewR12", kCode6ThreadSlot, "0x62, 0xf4, 0x9c, 0x18, 0x03, 0x05"},
             "addq ${}, %rax, %r12\n",
             "addq {}(%rip), %rax, %r12\n"},
        Case{{"NewOfR31", kCode6ThreadSlot, "0x62, 0x64, 0xfc, 0x10, 0x01, 0x3d"},
             "addq ${}, %r31, %r16\n",
             "addq %r31, {}(%rip), %r16\n"},
        Case{{"NewOfR23", kCode6ThreadSlot, "0x62, 0xe4, 0x9c, 0x18, 0x03, 0x3d"},
             "addq ${}, %r23, %r12\n",
             "addq {}(%rip), %r23, %r12\n"},
        Case{{"NoFlags", kCode6ThreadSlot, "0x62, 0xe4, 0xfc, 0x0c, 0x03, 0x05"},
             "{{nf}} addq ${}, %r16\n",
             "{{nf}} addq {}(%rip), %r16\n"},
        Case{{"NewNoFlags", kCode6ThreadSlot, "0x62, 0x74, 0xfc, 0x14, 0x01, 0x05"},
             "{{nf}} addq ${}, %r8, %r16\n",
             "{{nf}} addq %r8, {}(%rip), %r16\n"}),
    name_of);

TEST_P(ApxThreadLocal, OfAStaticBlockIsAConstant) {
  const Linked linked = link_code(GetParam().code, true);
  EXPECT_EQ(linked.text, fmt::format(fmt::runtime(GetParam().rewritten), FakeRuntime::kThreadOffset));
  EXPECT_EQ(linked.slot_count, 0u);
}

TEST_P(ApxThreadLocal, KeepsItsSlotWithoutRelaxation) {
  const Linked linked = link_code(GetParam().code, true, false);
  EXPECT_EQ(linked.text, fmt::format(fmt::runtime(GetParam().kept), linked.slot_distance));
  EXPECT_EQ(linked.slot_count, 1u);
}

// Instructions that the relocation is not for: the slot serves.
TEST(Apx, OtherInstructionsKeepTheirSlots) {
  for (const Code& code :
       {Code{"another prefix", kCode4Slot, "0x90, 0x48, 0x8b, 0x05"},
        Code{"another map", kCode4Slot, "0xd5, 0xc8, 0xaf, 0x05"},
        Code{"another operation", kCode4Slot, "0xd5, 0x48, 0x03, 0x05"}, Code{"too short", kCode4Slot, "0x8b, 0x05"},
        Code{"five bytes", kCode5Slot, "0x90, 0x90, 0x48, 0x8b, 0x05"},
        Code{"six bytes", kCode6Slot, "0x62, 0xf4, 0x9c, 0x18, 0x03, 0x05"}}) {
    const Linked linked = link_code(code, false);
    EXPECT_EQ(linked.slot_count, 1u) << code.name;
    EXPECT_EQ(linked.relaxed_count, 0u) << code.name;
  }
}

TEST(Apx, OtherInstructionsKeepTheirThreadLocalSlots) {
  for (const Code& code : {Code{"and", kCode4ThreadSlot, "0xd5, 0x48, 0x23, 0x05"},
                           Code{"32 bits", kCode4ThreadSlot, "0xd5, 0x40, 0x8b, 0x05"},
                           Code{"too short", kCode6ThreadSlot, "0x48, 0x8b, 0x05"},
                           Code{"five bytes", kCode5ThreadSlot, "0x90, 0x90, 0x48, 0x8b, 0x05"},
                           Code{"stored", kCode6ThreadSlot, "0x62, 0x74, 0xfc, 0x0c, 0x01, 0x05"},
                           Code{"and of a new one", kCode6ThreadSlot, "0x62, 0x74, 0xfc, 0x10, 0x21, 0x05"},
                           Code{"five bytes", kCode5Descriptor, "0x90, 0x90, 0x48, 0x8d, 0x05"},
                           Code{"six bytes", kCode6Descriptor, "0x90, 0x90, 0x90, 0x48, 0x8d, 0x05"}}) {
    EXPECT_EQ(link_code(code, true).slot_count, 1u) << code.name;
  }
}

// Of the rows that no instruction is rewritten for, those with an ordinary instruction can be run.
TEST(Apx, SlotsHoldAddresses) {
  for (const Type type : {kCode4Slot, kCode5Slot, kCode6Slot}) {
    Patched object(
        assembled(".section .text.here,\"ax\",@progbits\n.globl here\nhere: nop\nnop\nnop\n"
                  ".byte 0x48, 0x8b, 0x05\n1: .long 0\nret\n.reloc 1b, R_X86_64_GOTPCREL, there - 4\n"
                  ".data\n.globl there\nthere: .long 42\n"));
    object.set_type(".text.here", type);
    const LinkedSet set = must(new_session()->link(set_of(object.bytes())));
    EXPECT_EQ(call<int*()>(set, "here"), must(set.object<int>("there"))) << type;
  }
}

}  // namespace
}  // namespace enfold::test
