// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Who sees which definition: inside a set, between sets, between sessions.
#include <gtest/gtest.h>

#include "support.h"

namespace enfold::test {
namespace {

struct Sets : testing::Test {
  std::unique_ptr<Session> session = new_session();
  LinkedSet link(const char* source, const char* name = "set", const char* flags = "-O1") {
    return must(session->link(set_of(c_object(source, flags), name)));
  }
};

TEST_F(Sets, SeeEarlierSets) {
  const LinkedSet one = link("int f(void) { return 42; }");
  const LinkedSet two = link("int f(void); int g(void) { return f(); }");
  EXPECT_EQ(call<int()>(two, "g"), 42);
}

TEST_F(Sets, SeeDataOfEarlierSetsByAddress) {
  const LinkedSet one = link("int x = 1; int *where(void) { return &x; }");
  const LinkedSet two = link("extern int x; int *other(void) { return &x; }");
  EXPECT_EQ(call<int*()>(one, "where"), call<int*()>(two, "other"));
}

TEST_F(Sets, SessionSeesThem) {
  const LinkedSet set = link("int f(void) { return 1; }");
  EXPECT_EQ(must(session->address("f")), must(set.address("f")));
}

TEST_F(Sets, PreferTheirOwnWeakDefinition) {
  const LinkedSet one = link("int f(void) { return 1; }");
  const LinkedSet two = link("__attribute__((weak)) int f(void) { return 2; } int g(void) { return f(); }", "two",
                             "-O1 -fPIC");
  EXPECT_EQ(call<int()>(two, "g"), 2);
  EXPECT_EQ(must(session->address("f")), must(one.address("f")));
}

TEST_F(Sets, FirstOfTwoWeakDefinitionsStays) {
  const LinkedSet one = link("__attribute__((weak)) int f(void) { return 1; }");
  const LinkedSet two = link("__attribute__((weak)) int f(void) { return 2; }");
  const LinkedSet user = link("int f(void); int g(void) { return f(); }");
  EXPECT_EQ(call<int()>(user, "g"), 1);
}

TEST_F(Sets, SecondWeakDefinitionIsSeenWhenTheFirstIsGone) {
  LinkedSet one = link("__attribute__((weak)) int f(void) { return 1; }");
  const LinkedSet two = link("__attribute__((weak)) int f(void) { return 2; }");
  must(one.unload());
  const LinkedSet user = link("int f(void); int g(void) { return f(); }");
  EXPECT_EQ(call<int()>(user, "g"), 2);
}

TEST_F(Sets, SecondStrongDefinitionIsAnErrorThatNamesTheFirst) {
  const LinkedSet one = link("int f(void) { return 1; }", "the first");
  const Error error = error_of(session->link(set_of(c_object("int f(void) { return 2; }"), "the second")));
  EXPECT_EQ(error.code(), ErrorCode::kDuplicateSymbol);
  EXPECT_NE(error.text().find("the first"), std::string::npos) << error.text();
}

TEST_F(Sets, SecondStrongDefinitionIsGoodAfterTheFirstIsGone) {
  LinkedSet one = link("int f(void) { return 1; }");
  must(one.unload());
  const LinkedSet two = link("int f(void) { return 2; }");
  EXPECT_EQ(call<int()>(two, "f"), 2);
}

TEST_F(Sets, PrivateOnesMayDefineTheSame) {
  const LinkedSet one = must(session->link(private_set(c_object("int expr_0(void) { return 1; }"))));
  const LinkedSet two = must(session->link(private_set(c_object("int expr_0(void) { return 2; }"))));
  EXPECT_EQ(call<int()>(one, "expr_0"), 1);
  EXPECT_EQ(call<int()>(two, "expr_0"), 2);
}

TEST_F(Sets, PrivateOnesAreNotSeen) {
  const LinkedSet set = must(session->link(private_set(c_object("int hidden_away(void) { return 1; }"))));
  EXPECT_EQ(error_of(session->address("hidden_away")).code(), ErrorCode::kNotFound);
  EXPECT_EQ(
      error_of(session->link(set_of(c_object("int hidden_away(void); int g(void) { return hidden_away(); }")))).code(),
      ErrorCode::kUndefinedSymbol);
}

TEST_F(Sets, PrivateOnesSeeOthers) {
  const LinkedSet base = link("int f(void) { return 42; }");
  const LinkedSet set = must(session->link(private_set(c_object("int f(void); int g(void) { return f(); }"))));
  EXPECT_EQ(call<int()>(set, "g"), 42);
}

constexpr char kHidden[] = "__attribute__((visibility(\"hidden\"))) int hidden(void) { return 1; }\n"
                           "int shown(void) { return hidden(); }\n";

TEST_F(Sets, HiddenSymbolsAreNotSeenByOthers) {
  const LinkedSet set = link(kHidden);
  EXPECT_EQ(error_of(session->address("hidden")).code(), ErrorCode::kNotFound);
  EXPECT_EQ(error_of(session->link(set_of(c_object("int hidden(void); int g(void) { return hidden(); }")))).code(),
            ErrorCode::kUndefinedSymbol);
}

TEST_F(Sets, HiddenSymbolsAreNotLookedUp) {
  const LinkedSet set = link(kHidden);
  EXPECT_EQ(error_of(set.address("hidden")).code(), ErrorCode::kNotFound);
  EXPECT_EQ(call<int()>(set, "shown"), 1);
}

TEST_F(Sets, HiddenSymbolsAreLookedUpWhereTheyAreRoots) {
  ObjectSet input = set_of(c_object(kHidden));
  input.options().roots = {"hidden"};
  const LinkedSet set = must(session->link(std::move(input)));
  EXPECT_EQ(call<int()>(set, "hidden"), 1);
  EXPECT_EQ(error_of(session->address("hidden")).code(), ErrorCode::kNotFound);
}

TEST_F(Sets, LocalsAreNotLookedUp) {
  const LinkedSet set = link("static int local = 1; int *get(void) { return &local; }");
  EXPECT_EQ(error_of(set.address("local")).code(), ErrorCode::kNotFound);
}

TEST_F(Sets, HiddenReferenceIsNotBoundOutside) {
  const LinkedSet one = link("int f(void) { return 1; }");
  const Error error = error_of(session->link(set_of(
      c_object("__attribute__((visibility(\"hidden\"))) int f(void); int g(void) { return f(); }"))));
  EXPECT_EQ(error.code(), ErrorCode::kUndefinedSymbol);
}

TEST_F(Sets, WeakReferenceIsBoundToAnEarlierSet) {
  const LinkedSet one = link("int f(void) { return 42; }");
  const LinkedSet two = link("__attribute__((weak)) int f(void); int g(void) { return f ? f() : 0; }");
  EXPECT_EQ(call<int()>(two, "g"), 42);
}

TEST_F(Sets, WeakReferenceToNobodyIsNull) {
  const LinkedSet set = link("__attribute__((weak)) int nobody(void); int g(void) { return nobody ? 1 : 2; }");
  EXPECT_EQ(call<int()>(set, "g"), 2);
}

TEST_F(Sets, CommonsOfOneSetAreMerged) {
  const LinkedSet set = must(session->link(
      set_of({{"a.o", c_object("int common[2]; int *a(void) { return common; }", "-O1 -fcommon")},
              {"b.o", c_object("int common[8]; int *b(void) { return common; }", "-O1 -fcommon")}})));
  EXPECT_EQ(call<int*()>(set, "a"), call<int*()>(set, "b"));
  EXPECT_EQ(set.plan().count(NeedKind::kCommon), 1u);
}

TEST_F(Sets, CommonIsSeenByLaterSets) {
  const LinkedSet one = link("int common; int *a(void) { return &common; }", "one", "-O1 -fcommon");
  const LinkedSet two = link("extern int common; int *b(void) { return &common; }");
  EXPECT_EQ(call<int*()>(one, "a"), call<int*()>(two, "b"));
}

TEST_F(Sets, UniqueSymbolsAreOneInTheProcess) {
  constexpr char kCounter[] = "inline int &counter() { static int n; return n; }\n"
                              "extern \"C\" int next_%() { return ++counter(); }\n";
  const auto object = [&](char c) {
    std::string source = kCounter;
    source[source.find('%')] = c;
    return cxx_object(source);
  };
  const LinkedSet one = must(session->link(set_of(object('a'))));
  const LinkedSet two = must(session->link(set_of(object('b'))));
  EXPECT_EQ(call<int()>(one, "next_a"), 1);
  EXPECT_EQ(call<int()>(two, "next_b"), 2);
}

// Session::define

int host_function() { return 42; }

TEST_F(Sets, SeeWhatTheSessionDefines) {
  must(session->define("from_host", target(&host_function), HostSymbolKind::kFunction));
  const LinkedSet set = link("int from_host(void); int g(void) { return from_host(); }");
  EXPECT_EQ(call<int()>(set, "g"), 42);
}

TEST_F(Sets, AddressOfWhatTheSessionDefinesIsItsAddress) {
  must(session->define("from_host", target(&host_function), HostSymbolKind::kFunction));
  for (const char* flags : {"-O1 -fPIC", "-O1 -fno-plt", "-O1 -mcmodel=large"}) {
    const LinkedSet set =
        link("int from_host(void); void *p(void) { return from_host; } void *q = from_host;", "set", flags);
    EXPECT_EQ(target(call<void*()>(set, "p")), target(&host_function)) << flags;
    EXPECT_EQ(target(*must(set.object<void*>("q"))), target(&host_function)) << flags;
  }
}

TEST_F(Sets, FunctionPointersOfASetAgreeWhereItsAddressIsAStub) {
  must(session->define("from_host", target(&host_function), HostSymbolKind::kFunction));
  const LinkedSet set = link("int from_host(void); void *p(void) { return from_host; } void *q = from_host;\n"
                             "int r(void) { return ((int (*)(void))q)(); }", "set", "-O1 -fPIE");
  EXPECT_EQ(call<void*()>(set, "p"), *must(set.object<void*>("q")));
  EXPECT_EQ(call<int()>(set, "r"), 42);
}

TEST_F(Sets, DefiningTwiceIsAnError) {
  must(session->define("once", TargetAddr{1}));
  EXPECT_EQ(error_of(session->define("once", TargetAddr{2})).code(), ErrorCode::kDuplicateSymbol);
}

TEST_F(Sets, DefiningWhatASetDefinesIsAnError) {
  const LinkedSet set = link("int f(void) { return 1; }");
  EXPECT_EQ(error_of(session->define("f", TargetAddr{2})).code(), ErrorCode::kDuplicateSymbol);
}

TEST_F(Sets, DefinitionThatTheSessionHasIsAnError) {
  must(session->define("f", TargetAddr{1}));
  const Error error = error_of(session->link(set_of(c_object("int f(void) { return 2; }"))));
  EXPECT_EQ(error.code(), ErrorCode::kDuplicateSymbol);
}

TEST_F(Sets, SessionsDefinitionComesBeforeTheProcess) {
  must(session->define("getpid", target(&host_function), HostSymbolKind::kFunction));
  const LinkedSet set = link("int getpid(void); int g(void) { return getpid(); }");
  EXPECT_EQ(call<int()>(set, "g"), 42);
}

TEST_F(Sets, OwnDefinitionComesBeforeTheProcess) {
  const LinkedSet set =
      link("int getpid(void) { return 41; } int g(void) { return getpid() + 1; }", "set", "-O1 -fPIC");
  EXPECT_EQ(call<int()>(set, "g"), 42);
}

// Sessions

TEST_F(Sets, TwoSessionsHaveTheirOwn) {
  const auto other = new_session();
  const LinkedSet one = link("int f(void) { return 1; }");
  const LinkedSet two = must(other->link(set_of(c_object("int f(void) { return 2; }"))));
  const LinkedSet user = must(other->link(set_of(c_object("int f(void); int g(void) { return f(); }"))));
  EXPECT_EQ(call<int()>(one, "f"), 1);
  EXPECT_EQ(call<int()>(user, "g"), 2);
}

TEST_F(Sets, EndingOneSessionLeavesTheOther) {
  auto other = new_session();
  const LinkedSet one = link("int f(void) { return 1; }");
  { const LinkedSet two = must(other->link(set_of(c_object("int f(void) { return 2; }")))); }
  other.reset();
  EXPECT_EQ(call<int()>(one, "f"), 1);
}

}  // namespace
}  // namespace enfold::test
