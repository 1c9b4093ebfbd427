// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <enfold/error.h>
#include <enfold/printable.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
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

TEST(ErrorTextTest, KeepsANameToItsLine) {
  Place place;
  place.object = "a\nb.o";
  place.symbol = "f\nerror: forged";
  EXPECT_EQ(Error(ErrorCode::kMalformed, "two\nlines", place).text(),
            "a\\x0ab.o: 'f\\x0aerror: forged': two\nlines");
}

TEST(ErrorTextTest, LeavesTheNameInThePlaceAsItIs) {
  Place place;
  place.symbol = "a\x1b";
  EXPECT_EQ(Error(ErrorCode::kMalformed, "x", place).place().symbol, "a\x1b");
}

TEST(PrintableTest, KeepsNamesInAnyLanguage) {
  for (const char* name : {"main", "std::vector<int>", "größe", "имя", "名前", "\U0001f600", "a b", "a\\b"}) {
    EXPECT_EQ(printable(name), name);
  }
}

TEST(PrintableTest, ShowsControlCharacters) {
  EXPECT_EQ(printable("\x1b[2J\a\t\n\r\x7f"), "\\x1b[2J\\x07\\x09\\x0a\\x0d\\x7f");
  EXPECT_EQ(printable(std::string_view("\0", 1)), "\\x00");
  EXPECT_EQ(printable("\u0080\u009b2J\u009f"), "\\u0080\\u009b2J\\u009f");
  EXPECT_EQ(printable("\u00a0"), "\u00a0");
}

TEST(PrintableTest, ShowsWhatDirectsTheOrderOfText) {
  EXPECT_EQ(printable("\u202a\u202b\u202c\u202d\u202e"), "\\u202a\\u202b\\u202c\\u202d\\u202e");
  EXPECT_EQ(printable("\u2066\u2067\u2068\u2069"), "\\u2066\\u2067\\u2068\\u2069");
  EXPECT_EQ(printable("\u200e\u200f\u061c"), "\\u200e\\u200f\\u061c");
  EXPECT_EQ(printable("\u2028\u2029"), "\\u2028\\u2029");
  EXPECT_EQ(printable("\u2027\u202f\u2065\u206a"), "\u2027\u202f\u2065\u206a");  // their neighbours
}

TEST(PrintableTest, ShowsBytesThatAreNoUtf8) {
  EXPECT_EQ(printable("\xff"), "\\xff");
  EXPECT_EQ(printable("\x9b\x32"), "\\x9b2");                    // a control character of eight bits
  EXPECT_EQ(printable("a\xc3"), "a\\xc3");                       // cut short
  EXPECT_EQ(printable("\xc3(\xa9"), "\\xc3(\\xa9");             // not continued
  EXPECT_EQ(printable("\xc0\x9b"), "\\xc0\\x9b");               // longer than it has to be
  EXPECT_EQ(printable("\xe0\x80\x9b"), "\\xe0\\x80\\x9b");      // the same
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");      // a surrogate
  EXPECT_EQ(printable("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");  // beyond Unicode
  EXPECT_TRUE(is_utf8("größe"));
  EXPECT_FALSE(is_utf8("gr\xf6\xdf" "e"));
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
