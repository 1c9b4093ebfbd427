// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// .eh_frame as hardly any compiler writes it: records in any order and of any length are read, what is for no code is
// left out, and what would be read for ever is refused.
#include <memory>
#include <string>
#include <utility>

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
  // Those of the functions f0 to f3 that unwinders find.
  std::string found_in(const LinkedSet& set) {
    std::string found;
    for (const char* name : {"f0", "f1", "f2", "f3"}) {
      void* const function = must(set.object<void>(name));
      dwarf_eh_bases bases{};
      if (_Unwind_Find_FDE(function, &bases) == nullptr) continue;
      EXPECT_EQ(bases.function, function) << name;
      found += name;
    }
    return found;
  }
  std::string refusal(const std::string& records) { return error_of(link(records)).text(); }
};

TEST_F(FramesTest, ThoseOfSeveralCiesMayTakeTurns) {
  const LinkedSet set = must(link(cie("narrow", "R", ".byte 0x1b") + cie("wide", "R", ".byte 0x1c") +
                                  fde(0, "narrow", ".long") + fde(1, "wide", ".quad") + fde(2, "narrow", ".long") +
                                  fde(3, "wide", ".quad")));
  EXPECT_EQ(found_in(set), "f0f1f2f3");
}

// The directive for a length becomes that for one of 64 bits.
std::string lengthened(std::string record) {
  return record.replace(record.find(".long "), 6, ".long 0xffffffff\n.quad ");
}

// A CIE's length counts from behind it, whatever its own size.
std::string long_cie(const std::string& label) {
  std::string record = lengthened(cie(label, "R", ".byte 0x1b"));
  const std::string size = label + "_end - " + label + " - 4";
  return record.replace(record.find(size), size.size(), label + "_end - " + label + " - 12");
}

TEST_F(FramesTest, LengthsMayHave64Bits) {
  const std::string c = cie("narrow", "R", ".byte 0x1b");
  EXPECT_EQ(found_in(must(link(long_cie("wide") + lengthened(fde(0, "wide", ".long")) + fde(1, "wide", ".long") +
                               lengthened(fde(2, "wide", ".long")) + fde(3, "wide", ".long")))),
            "f0f1f2f3");
  EXPECT_EQ(found_in(must(link(c + fde(0, "narrow", ".long") + lengthened(fde(1, "narrow", ".long")) +
                               fde(2, "narrow", ".long") + long_cie("wide") + fde(3, "wide", ".long")))),
            "f0f1f2f3");
}

TEST_F(FramesTest, LengthsOf64BitsThatAreNoneAreRefused) {
  const std::string c = cie("narrow", "R", ".byte 0x1b");
  for (const char* length : {".long 0xffffffff\n", ".long 0xffffffff\n.quad 4", ".long 0xffffffff\n.quad 0\n.long 0",
                             ".long 0xffffffff\n.quad 1 << 32\n.zero 64"}) {
    const std::string text = refusal(c + fde(0, "narrow", ".long") + length + "\n");
    EXPECT_NE(text.find("truncated record"), std::string::npos) << length << text;
  }
  EXPECT_NE(refusal(".long 0xfffffff4\n.zero 64\n").find("a record with a reserved length"), std::string::npos);
}

// An FDE for no bytes of code, of a number that no other has; the function is that of `of`.
std::string empty_fde(int number, int of, const std::string& cie, const std::string& directive) {
  std::string record = fde(number, cie, directive);
  const std::string n = std::to_string(number), address = " f" + n + " - .", range = directive + " 1\n";
  record.replace(record.find(address), address.size(), " f" + std::to_string(of) + " - .");
  return record.replace(record.find(range), range.size(), directive + " 0\n");
}

TEST_F(FramesTest, ThoseForNoCodeDoNotHideOthers) {
  for (const auto& [encoding, directive] : {std::pair{".byte 0x1b", ".long"}, std::pair{".byte 0x1c", ".quad"}}) {
    const std::string c = cie("c", "R", encoding);
    const LinkedSet set = must(link(c + fde(0, "c", directive) + empty_fde(10, 0, "c", directive) +
                                    empty_fde(11, 1, "c", directive) + fde(1, "c", directive) +
                                    fde(2, "c", directive) + empty_fde(12, 2, "c", directive) +
                                    empty_fde(13, 2, "c", directive) + fde(3, "c", directive)));
    EXPECT_EQ(found_in(set), "f0f1f2f3");
  }
}

// The number of bytes is in the relocation then, and 0 in the file.
TEST_F(FramesTest, TheSizeOfCodeMayBeRelocated) {
  std::string record = fde(0, "c", ".quad");
  record.replace(record.find(".quad 1\n"), 8, ".quad f0@SIZE\n");
  const LinkedSet set = must(link(".text\n.size f0, 1\n.section .eh_frame,\"a\",@unwind\n" +
                                  cie("c", "R", ".byte 0x1c") + record + fde(1, "c", ".quad")));
  EXPECT_EQ(found_in(set), "f0f1");
}

// GCC 2's, whose exceptions lie in a table that no unwinder of today reads.
TEST_F(FramesTest, AnAugmentationOfOldCompilersIsRefused) {
  std::string old = cie("c", "R", ".byte 0x1b");
  old.replace(old.find("\"zR\""), 4, "\"eh\"\n.quad 0");
  EXPECT_NE(refusal(old + fde(0, "c", ".long")).find("a CIE with an unknown augmentation"), std::string::npos);
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
