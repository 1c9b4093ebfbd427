// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// .eh_frame as no compiler writes it: records in any order are read, and what would be read for ever is refused.
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "runtime/find_fde.h"
#include "support.h"

namespace enfold::test {
namespace {

// A CIE at the label, with letters behind the z, and the encoding of addresses.
std::string cie(const std::string& label, const std::string& letters, const std::string& data) {
  return label + ": .long " + label + "_end - " + label + " - 4\n.long 0\n.byte 1\n.string \"z" + letters +
         "\"\n.uleb128 1\n.sleb128 -8\n.byte 16\n.uleb128 " + label + "_code - " + label + "_data\n" + label +
         "_data: " + data + "\n" + label + "_code: .byte 0x0c, 7, 8, 0x90, 1\n.balign 8, 0\n" + label + "_end:\n";
}

// An FDE of that CIE, for the function of a number, whose address has `directive`'s width.
std::string fde(int number, const std::string& cie, const std::string& directive) {
  const std::string n = std::to_string(number), label = "fde" + n;
  return ".long " + label + "_end - " + label + "\n" + label + ": .long " + label + " - " + cie + "\n" + directive +
         " f" + n + " - .\n" + directive + " 1\n.uleb128 0\n.balign 8, 0\n" + label + "_end:\n";
}

std::string unwind_section(const std::string& records) {
  return ".globl f0, f1, f2, f3\n.text\nf0: ret\nf1: ret\nf2: ret\nf3: ret\n"
         ".section .eh_frame,\"a\",@unwind\n" + records;
}

struct FramesTest : testing::Test {
  std::unique_ptr<Session> session = new_session();

  Expected<LinkedSet> link(const std::string& records) {
    return session->link(private_set(assembled(unwind_section(records)), "frames"));
  }
  std::string refusal(const std::string& records) { return error_of(link(records)).text(); }
};

TEST_F(FramesTest, ThoseOfSeveralCiesMayTakeTurns) {
  const LinkedSet set = must(link(cie("narrow", "R", ".byte 0x1b") + cie("wide", "R", ".byte 0x1c") +
                                  fde(0, "narrow", ".long") + fde(1, "wide", ".quad") + fde(2, "narrow", ".long") +
                                  fde(3, "wide", ".quad")));
  for (const char* name : {"f0", "f1", "f2", "f3"}) {
    void* const function = must(set.object<void>(name));
    dwarf_eh_bases bases{};
    EXPECT_NE(_Unwind_Find_FDE(function, &bases), nullptr) << name;
    EXPECT_EQ(bases.function, function) << name;
  }
}

TEST_F(FramesTest, AnFdeOfAnotherFdeIsRefused) {
  EXPECT_NE(refusal(cie("narrow", "R", ".byte 0x1b") + fde(0, "narrow", ".long") + fde(1, "fde0 - 4", ".long"))
                .find("an FDE refers to no CIE"),
            std::string::npos);
}

TEST_F(FramesTest, ACieThatRepeatsItselfIsRefused) {
  EXPECT_TRUE(link(cie("once", "RS", ".byte 0x1b") + fde(0, "once", ".long")).has_value());
  EXPECT_NE(refusal(cie("often", "R" + std::string(100'000, 'S'), ".byte 0x1b") + fde(0, "often", ".long"))
                .find("a CIE with an unknown augmentation"),
            std::string::npos);
}

TEST_F(FramesTest, ANumberThatDoesNotEndIsRefused) {
  const std::string endless = cie("c", "R", ".byte 0x1b"), number = ".uleb128 1\n";
  std::string padded = endless, hostile = endless;
  padded.replace(padded.find(number), number.size(), ".byte 0x81, 0x80, 0x80, 0x80, 0\n");
  hostile.replace(hostile.find(number), number.size(), ".fill 1000, 1, 0x80\n.byte 1\n");
  EXPECT_TRUE(link(padded + fde(0, "c", ".long")).has_value());
  EXPECT_NE(refusal(hostile + fde(0, "c", ".long")).find("in which a number does not end"), std::string::npos);
}

}  // namespace
}  // namespace enfold::test
