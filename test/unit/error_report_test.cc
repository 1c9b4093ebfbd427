// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What errors say about the input: everything that is wrong, where, and what would cure it.
#include <gtest/gtest.h>

#include "fakes.h"
#include "support.h"

namespace enfold::test {
namespace {

bool says(const Error& error, const std::string& words) { return error.text().find(words) != std::string::npos; }

Error undefined_in_two_objects() {
  FakeProcess process;
  return error_of(process.session->link(
      set_of({{"first.o", cxx_object("int missing(int); extern int gone; int f(int n) { return missing(n) + gone; }")},
              {"second.o", cxx_object("int missing(int); int g(int n) { return missing(n) + missing(n + 1); }")}})));
}

TEST(Undefined, AreReportedTogether) {
  const Error error = undefined_in_two_objects();
  EXPECT_EQ(error.code(), ErrorCode::kUndefinedSymbol);
  ASSERT_EQ(error.causes().size(), 2u) << error.text();
}

TEST(Undefined, AreDemangled) { EXPECT_TRUE(says(undefined_in_two_objects(), "missing(int)")); }

TEST(Undefined, NameAllWhoRefer) {
  const Error error = undefined_in_two_objects();
  EXPECT_TRUE(says(error, "first.o")) << error.text();
  EXPECT_TRUE(says(error, "second.o")) << error.text();
}

TEST(Undefined, KeepTheirNamesForCallers) {
  const Error error = undefined_in_two_objects();
  EXPECT_EQ(error.causes()[0].place().symbol, "_Z7missingi");
  EXPECT_EQ(error.causes()[0].causes().size(), 3u);
  EXPECT_EQ(error.causes()[0].causes()[0].place().object, "first.o");
}

TEST(Undefined, ManyReferencesAreCounted) {
  FakeProcess process;
  const Error error = error_of(process.session->link(set_of(assembled(".rept 10\ncall nobody@PLT\n.endr\n"))));
  EXPECT_TRUE(says(error, "7 more")) << error.text();
}

TEST(Duplicate, NamesBothFiles) {
  FakeProcess process;
  const Error error =
      error_of(process.session->link(set_of({{"one.o", cxx_object("int twice(int n) { return n; }")},
                                             {"two.o", cxx_object("int twice(int n) { return 2; }")}})));
  EXPECT_EQ(error.code(), ErrorCode::kDuplicateSymbol);
  EXPECT_TRUE(says(error, "one.o") && says(error, "two.o") && says(error, "twice(int)")) << error.text();
}

TEST(Duplicate, AllAreReported) {
  FakeProcess process;
  const Error error = error_of(process.session->link(set_of({{"one.o", c_object("int a = 1, b = 2;")},
                                                             {"two.o", c_object("int a = 1, b = 2;")}})));
  EXPECT_EQ(error.causes().size(), 2u) << error.text();
}

Error far_data() {
  FakeProcess process;
  must(process.session->define("far_data", TargetAddr{kFar}, HostSymbolKind::kData));
  return error_of(process.session->link(
      set_of({{"near.o", assembled(".section .text.f,\"ax\",@progbits\nnop\nmovl far_data(%rip), %eax\nret\n")}})));
}

TEST(OutOfReach, NamesThePlace) {
  const Error error = far_data();
  EXPECT_EQ(error.code(), ErrorCode::kOutOfRange);
  EXPECT_EQ(error.place().object, "near.o");
  EXPECT_EQ(error.place().section, ".text.f");
  EXPECT_EQ(error.place().offset, 3u);
  EXPECT_EQ(error.place().symbol, "far_data");
  EXPECT_EQ(error.place().relocation, "R_X86_64_PC32");
}

TEST(OutOfReach, TellsTheRange) {
  const Error error = far_data();
  ASSERT_TRUE(error.range());
  EXPECT_EQ(error.range()->lo, -(std::int64_t{1} << 31));
  EXPECT_EQ(error.range()->hi, std::uint64_t{1} << 31);
  EXPECT_LT(error.range()->value, error.range()->lo);
}

TEST(OutOfReach, TellsTheCure) {
  const Error error = far_data();
  EXPECT_NE(error.cure().find("-fPIC"), std::string::npos) << error.cure();
  EXPECT_TRUE(says(error, error.cure()));
}

TEST(OutOfReach, TextShowsSectionAndOffset) { EXPECT_TRUE(says(far_data(), ".text.f+0x3")) << far_data().text(); }

TEST(OutOfReach, AllSymbolsAreReportedOnce) {
  FakeProcess process;
  for (const char* name : {"one", "two", "three"})
    must(process.session->define(name, TargetAddr{kFar}, HostSymbolKind::kData));
  const Error error = error_of(process.session->link(set_of(
      assembled(".rept 3\nmovl one(%rip), %eax\nmovl two(%rip), %eax\nmovl three(%rip), %eax\n.endr\n"))));
  EXPECT_EQ(error.causes().size(), 3u) << error.text();
}

// b.o's copy of the group is dropped, and a section outside of the group speaks of it.
TEST(Discarded, ReferenceFromOutsideItsGroupIsNamed) {
  constexpr char kGroup[] = ".section .text.f,\"axG\",@progbits,f,comdat\n.weak f\nf: ret\n.Linside: nop\n";
  FakeProcess process;
  const Error error = error_of(process.session->link(set_of(
      {{"a.o", assembled(kGroup)},
       {"b.o", assembled(std::string(kGroup).append(".section .data.table,\"aw\",@progbits\n.quad .Linside\n"))}})));
  EXPECT_EQ(error.code(), ErrorCode::kDiscarded) << error.text();
  EXPECT_EQ(error.place().object, "b.o");
  EXPECT_EQ(error.place().section, ".data.table");
}

TEST(Discarded, ReferenceByNameIsTheKeptCopys) {
  constexpr char kGroup[] = ".section .text.f,\"axG\",@progbits,f,comdat\n.weak f\nf: ret\n";
  FakeProcess process;
  const LinkedSet set = must(process.session->link(
      set_of({{"a.o", assembled(kGroup)},
              {"b.o", assembled(std::string(kGroup).append(".data\n.globl table\ntable: .quad f\n"))}})));
  EXPECT_EQ(process.memory->word_at(value(must(set.address("table")))), value(must(set.address("f"))));
}

TEST(Inputs, WithErrorsOfSeveralSortsAreReportedTogether) {
  FakeProcess process;
  const Error error =
      error_of(process.session->link(set_of({{"one.o", c_object("int a = 1;")},
                                             {"two.o", c_object("int a = 1;")},
                                             {"three.o", ObjectBytes(c_object("int b;")).first(100)}})));
  EXPECT_TRUE(says(error, "three.o") && says(error, "two.o")) << error.text();
}

TEST(Inputs, OfAnotherMachineIsRefused) {
  const ObjectBytes object = c_object("int a;");
  std::vector<std::byte> other(object.begin(), object.end());
  other[18] = std::byte{183};  // EM_AARCH64
  FakeProcess process;
  const Error error = error_of(process.session->link(set_of(ObjectBytes(other))));
  EXPECT_EQ(error.code(), ErrorCode::kUnsupported) << error.text();
}

}  // namespace
}  // namespace enfold::test
