// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <enfold/error.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace enfold {
namespace {

Place somewhere() {
  return {.object = "main.o", .section = ".text", .offset = 0x12, .symbol = "_Z3fooi", .relocation = "R_X86_64_PC32"};
}

TEST(ErrorTextTest, TellsWhereThenWhat) {
  EXPECT_EQ(Error(ErrorCode::kUnsupported, "unknown relocation", somewhere()).text(),
            "main.o: .text+0x12: R_X86_64_PC32 against 'foo(int)': unknown relocation");
}

TEST(ErrorTextTest, LeavesOutWhatIsUnknown) {
  EXPECT_EQ(Error(ErrorCode::kIo, "no such file").text(), "no such file");
  EXPECT_EQ(Error(ErrorCode::kIo, "no such file", {.object = "a.o", .section{}, .offset{}, .symbol{}, .relocation{}})
                .text(),
            "a.o: no such file");
}

TEST(ErrorTextTest, GivesAFilesOffsetWithoutASection) {
  Place place = somewhere();
  place.section.clear();
  EXPECT_EQ(Error(ErrorCode::kMalformed, "cut", place).text(),
            "main.o: 0x12: R_X86_64_PC32 against 'foo(int)': cut");
}

TEST(ErrorTextTest, GivesASymbolWithoutARelocation) {
  Place place = somewhere();
  place.relocation.clear();
  EXPECT_EQ(Error(ErrorCode::kUndefinedSymbol, "undefined", place).text(),
            "main.o: .text+0x12: 'foo(int)': undefined");
}

TEST(ErrorTextTest, DoesNotRepeatASymbolThatTheMessageNames) {
  Place place = somewhere();
  place.relocation.clear();
  EXPECT_EQ(Error(ErrorCode::kUndefinedSymbol, "undefined symbol 'foo(int)'", place).text(),
            "main.o: .text+0x12: undefined symbol 'foo(int)'");
}

TEST(ErrorTextTest, GivesTheRangeThatAValueMissed) {
  Error error = Error(ErrorCode::kOutOfRange, "", somewhere()).with_range({-0x80000001LL, -0x80000000LL, 0x80000000});
  EXPECT_EQ(error.text(), "main.o: .text+0x12: R_X86_64_PC32 against 'foo(int)': "
                          "value -0x80000001 does not fit [-0x80000000, 0x80000000)");
}

TEST(ErrorTextTest, GivesTheCureOnALineOfItsOwn) {
  EXPECT_EQ(Error(ErrorCode::kOutOfRange, "too far").with_cure("compile with -fPIC").text(),
            "too far\n  cure: compile with -fPIC");
}

TEST(ErrorTextTest, IndentsCausesByTheirLevel) {
  Error inner = Error(ErrorCode::kIo, "inner").with_cure("mend it").with_cause(Error(ErrorCode::kIo, "innermost"));
  Error outer = Error(ErrorCode::kIo, "outer").with_cause(std::move(inner)).with_cause(Error(ErrorCode::kIo, "second"));
  EXPECT_EQ(outer.text(), "outer\n  inner\n    cure: mend it\n    innermost\n  second");
}

TEST(ErrorTextTest, NamesTheCodeWhenNothingElseIsKnown) {
  EXPECT_EQ(Error(ErrorCode::kMemory, "").text(), name(ErrorCode::kMemory));
}

TEST(ErrorTextTest, KeepsControlCharactersFromTheTerminal) {
  Place place;
  place.object = "a\x1b[2J.o";
  EXPECT_EQ(Error(ErrorCode::kMalformed, "bad \x07", place).text(), "a\\x1b[2J.o: bad \\x07");
}

TEST(ErrorTest, KeepsWhatItWasGiven) {
  Error error = Error(ErrorCode::kOutOfRange, "message", somewhere()).with_range({1, 2, 3}).with_cure("cure");
  EXPECT_EQ(error.code(), ErrorCode::kOutOfRange);
  EXPECT_EQ(error.message(), "message");
  EXPECT_EQ(error.place().symbol, "_Z3fooi");
  EXPECT_EQ(error.range()->hi, 3U);
  EXPECT_EQ(error.cure(), "cure");
  EXPECT_TRUE(error.causes().empty());
}

TEST(ErrorTest, TakesAnotherPlace) {
  Place place;
  place.object = "b.o";
  EXPECT_EQ(Error(ErrorCode::kIo, "x", somewhere()).with_place(place).text(), "b.o: x");
}

TEST(DemangleTest, LeavesPlainNamesAlone) {
  EXPECT_EQ(demangle("main"), "main");
  EXPECT_EQ(demangle("i"), "i");  // the mangled type int, but no mangled symbol
  EXPECT_EQ(demangle("_Znonsense"), "_Znonsense");
  EXPECT_EQ(demangle(""), "");
}

TEST(DemangleTest, KeepsASymbolsVersion) { EXPECT_EQ(demangle("_Z3fooi@@V_1"), "foo(int)@@V_1"); }

TEST(DemangleTest, RefusesNamesThatAreTooLong) {
  std::string name = std::string("_Z9000").append(9000, 'x').append("v");
  EXPECT_EQ(demangle(name), name);
}

}  // namespace
}  // namespace enfold
