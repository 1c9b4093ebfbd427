// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Names with versions, as assemblers write them: "name@VERSION", and "name@@VERSION" for the default one.
#include <gtest/gtest.h>

#include "support.h"

namespace enfold::test {
namespace {

constexpr const char* kBoth = R"(
__asm__(".symver kind_1, kind@V1\n.symver kind_2, kind@@V2");
int kind_1(void) { return 1; }
int kind_2(void) { return 2; })";

constexpr const char* kUser = R"(
__asm__(".symver kind_old, kind@V1\n.symver kind_new, kind@V2");
int kind(void), kind_old(void), kind_new(void);
int kinds(void) { return 100 * kind() + 10 * kind_old() + kind_new(); })";

TEST(SymbolVersions, OfAnEarlierSetServeALaterOne) {
  const auto session = new_session();
  const LinkedSet earlier = must(session->link(set_of(c_object(kBoth), "earlier")));
  const LinkedSet linked = must(session->link(private_set(c_object(kUser))));
  EXPECT_EQ(call<int()>(linked, "kinds"), 212);
}

// Assemblers leave the plain name beside the version: GNU ld 2.40 takes that for two definitions, ld.lld for one.
TEST(SymbolVersions, BesideThePlainNameAreOneDefinition) {
  const auto session = new_session();
  const LinkedSet linked = must(session->link(set_of(c_object(R"(
      __asm__(".symver kind, kind@V1\n.symver kind, kind@@V2");
      int kind(void) { return 2; })"))));
  EXPECT_EQ(call<int()>(linked, "kind"), 2);
  EXPECT_EQ(call<int()>(linked, "kind@V1"), 2);
  EXPECT_EQ(call<int()>(linked, "kind@V2"), 2);
}

TEST(SymbolVersions, BesideAPlainNameElsewhereInTheObjectAreTwoDefinitions) {
  const auto session = new_session();
  const Error error = error_of(session->link(set_of(c_object(R"(
      __asm__(".symver other, kind@@@V2");
      int kind(void) { return 1; }
      int other(void) { return 2; })"))));
  EXPECT_EQ(error.code(), ErrorCode::kDuplicateSymbol);
}

TEST(SymbolVersions, AreFoundByTheirNames) {
  const auto session = new_session();
  const LinkedSet linked = must(session->link(set_of(c_object(kBoth))));
  EXPECT_EQ(call<int()>(linked, "kind"), 2);
  EXPECT_EQ(call<int()>(linked, "kind@V1"), 1);
  EXPECT_EQ(call<int()>(linked, "kind@V2"), 2);
}

TEST(SymbolVersions, ClashOnceForBothNames) {
  const auto session = new_session();
  const Error error = error_of(session->link(
      set_of({{"a.o", c_object("__asm__(\".symver a, kind@@@V1\"); int a(void) { return 1; }")},
              {"b.o", c_object("__asm__(\".symver b, kind@@@V1\"); int b(void) { return 2; }")}})));
  EXPECT_EQ(error.code(), ErrorCode::kDuplicateSymbol);
  EXPECT_EQ(error.text().find("kind@V1"), std::string::npos) << error.text();
}

TEST(SymbolVersions, OfTheProcessThatThereAreAreNamedWhereOneIsMissing) {
  const auto session = new_session();
  const Error error = error_of(session->link(set_of(c_object(R"(
      __asm__(".symver start, nftw@GLIBC_9.9");
      int start(void);
      int started(void) { return start(); })"))));
  EXPECT_EQ(error.code(), ErrorCode::kUndefinedSymbol);
  EXPECT_NE(error.text().find("GLIBC_2.2.5 in "), std::string::npos) << error.text();
  EXPECT_NE(error.text().find("GLIBC_2.3.3 in "), std::string::npos) << error.text();
}

}  // namespace
}  // namespace enfold::test
