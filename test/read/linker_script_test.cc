// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "read/linker_script.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "support.h"

namespace enfold::read {
namespace {

constexpr std::string_view kLibc =
    "/* GNU ld script\n"
    "   Use the shared library, but some functions are only in\n"
    "   the static library, so try that secondarily.  */\n"
    "OUTPUT_FORMAT(elf64-x86-64)\n"
    "GROUP ( /lib/x86_64-linux-gnu/libc.so.6 /usr/lib/x86_64-linux-gnu/libc_nonshared.a  AS_NEEDED ( "
    "/lib64/ld-linux-x86-64.so.2 ) )\n";

Expected<LinkerScript> parse(std::string_view text) {
  return parse_linker_script(test::Contents(text).bytes(), "libx.so");
}

// Inputs as "name", "-lname", "name?" where as needed.
std::string inputs(std::string_view text) {
  const auto script = parse(text);
  if (!script) return script.error().text();
  std::string all;
  for (const ScriptInput& input : script->inputs) {
    all += (all.empty() ? "" : " ") + std::string(input.is_library ? "-l" : "") + input.name;
    if (input.as_needed) all += '?';
  }
  return all;
}

TEST(LinkerScript, ReadsGlibcsOwn) {
  EXPECT_EQ(inputs(kLibc),
            "/lib/x86_64-linux-gnu/libc.so.6 /usr/lib/x86_64-linux-gnu/libc_nonshared.a /lib64/ld-linux-x86-64.so.2?");
}

TEST(LinkerScript, ReadsLibrariesByName) {
  EXPECT_EQ(inputs("INPUT(libncurses.so.6 -ltinfo)"), "libncurses.so.6 -ltinfo");
}

TEST(LinkerScript, CommasSeparateAsBlanksDo) { EXPECT_EQ(inputs("INPUT(a.o,b.o, c.o ,d.o)"), "a.o b.o c.o d.o"); }

TEST(LinkerScript, QuotedNamesMayHoldAnything) {
  EXPECT_EQ(inputs("INPUT(\"a b(c).o\" \"-lnot\")"), "a b(c).o -lnot");
  EXPECT_FALSE(parse("INPUT(\"-lnot\")")->inputs[0].is_library);
}

TEST(LinkerScript, SeveralCommandsKeepTheirOrder) {
  EXPECT_EQ(inputs("INPUT(a.o); GROUP(b.a /* and */ AS_NEEDED(c.so d.so) e.a);INPUT(f.o)"),
            "a.o b.a c.so? d.so? e.a f.o");
}

TEST(LinkerScript, SearchDirectoriesAreReturned) {
  EXPECT_EQ(parse("SEARCH_DIR(\"=/usr/lib/x\"); SEARCH_DIR(/y)")->search_directories,
            (std::vector<std::string>{"=/usr/lib/x", "/y"}));
}

TEST(LinkerScript, DescriptionsOfTheOutputArePassedOver) {
  EXPECT_EQ(inputs("OUTPUT_FORMAT(\"elf64-x86-64\", \"a\", \"b\") OUTPUT_ARCH(i386:x86-64) TARGET(x) INPUT(a.o)"),
            "a.o");
}

TEST(LinkerScript, UnknownCommandIsUnsupportedAtItsOffset) {
  const auto script = parse("INPUT(a.o)\nSECTIONS { }");
  ASSERT_FALSE(script);
  EXPECT_EQ(script.error().code(), ErrorCode::kUnsupported);
  EXPECT_EQ(script.error().place().object, "libx.so");
  EXPECT_EQ(script.error().place().offset, 11U);
}

class BadScript : public testing::TestWithParam<std::string_view> {};

TEST_P(BadScript, IsMalformed) {
  const auto script = parse(GetParam());
  ASSERT_FALSE(script);
  EXPECT_EQ(script.error().code(), ErrorCode::kMalformed) << script.error().text();
}

INSTANTIATE_TEST_SUITE_P(All, BadScript,
                         testing::Values("INPUT(a.o", "INPUT", "INPUT a.o", "INPUT(\"a.o)", "GROUP(a.o /* b.o )",
                                         "GROUP(AS_NEEDED(a.o)", "GROUP(AS_NEEDED(AS_NEEDED(a.o)))", "INPUT(-l)",
                                         "INPUT(\"\")", "INPUT(a.o))", "(a.o)", "INPUT(a.o;b.o)", "INPUT((a.o))"));

TEST(LinkerScript, EveryTruncationIsReadOrRefused) {
  for (std::size_t size = 0; size != kLibc.size(); ++size) {
    const test::Contents contents(kLibc.substr(0, size));
    if (const auto script = parse_linker_script(contents.bytes(), "x")) {
      EXPECT_LE(script->inputs.size(), 3U);
    }
  }
}

TEST(LinkerScript, IsToldFromOtherTextByItsFirstWord) {
  const auto looks = [](std::string_view text) { return looks_like_linker_script(test::Contents(text).bytes()); };
  EXPECT_TRUE(looks(kLibc));
  EXPECT_TRUE(looks("SECTIONS { }"));
  EXPECT_FALSE(looks("int main() {}"));
  EXPECT_FALSE(looks("/* only a comment */"));
  EXPECT_FALSE(looks("\"INPUT\""));
  EXPECT_FALSE(looks(""));
}

}  // namespace
}  // namespace enfold::read
