// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sets that name each other, definitions that meet, and the whole order of resolution.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "support.h"

namespace enfold::test {
namespace {

struct Scopes : testing::Test {
  std::unique_ptr<Session> session = new_session();

  LinkedSet link(const std::string& source, const std::string& name = "set", const char* flags = "-O1") {
    return must(session->link(set_of(c_object(source, flags), name)));
  }
  LinkedSet link_private(const std::string& source, const std::string& name = "private") {
    return must(session->link(private_set(c_object(source), name)));
  }
  template <class... Sets>
  LinkedSet link_using(const std::string& source, const Sets&... sets) {
    ObjectSet set = private_set(c_object(source), "user");
    (set.use(sets), ...);
    return must(session->link(std::move(set)));
  }
};

constexpr char kCallsF[] = "int f(void); int g(void) { return f(); }";

std::string returning(int n, const char* attributes = "") {
  return std::string(attributes) + " int f(void) { return " + std::to_string(n) + "; }";
}
constexpr char kWeak[] = "__attribute__((weak))";

// Named sets

TEST_F(Scopes, UsedPrivateSetIsFound) {
  const LinkedSet hidden = link_private(returning(1)), user = link_using(kCallsF, hidden);
  EXPECT_EQ(call<int()>(user, "g"), 1);
}

TEST_F(Scopes, PrivateSetsOfEqualNamesServeTheirOwnUsers) {
  const LinkedSet one = link_private(returning(1)), two = link_private(returning(2));
  const LinkedSet user_of_one = link_using(kCallsF, one), user_of_two = link_using(kCallsF, two);
  EXPECT_EQ(call<int()>(user_of_one, "g"), 1);
  EXPECT_EQ(call<int()>(user_of_two, "g"), 2);
}

TEST_F(Scopes, UsedSetsAreAskedInOrder) {
  const LinkedSet one = link_private(returning(1)), two = link_private(returning(2));
  const LinkedSet first_one = link_using(kCallsF, one, two), first_two = link_using(kCallsF, two, one);
  EXPECT_EQ(call<int()>(first_one, "g"), 1);
  EXPECT_EQ(call<int()>(first_two, "g"), 2);
}

TEST_F(Scopes, UsedSetComesBeforeVisibleOnes) {
  const LinkedSet visible = link(returning(1)), hidden = link_private(returning(2));
  const LinkedSet user = link_using(kCallsF, hidden);
  EXPECT_EQ(call<int()>(user, "g"), 2);
}

TEST_F(Scopes, UsedVisibleSetComesBeforeTheFirstDefinition) {
  const LinkedSet first = link(returning(1, kWeak)), second = link(returning(2, kWeak));
  const LinkedSet user = link_using(kCallsF, second);
  EXPECT_EQ(call<int()>(user, "g"), 2);
}

TEST_F(Scopes, VisibleSetServesWhatUsedOnesLack) {
  const LinkedSet visible = link(returning(1)), hidden = link_private("int other(void) { return 2; }");
  const LinkedSet user = link_using(kCallsF, hidden);
  EXPECT_EQ(call<int()>(user, "g"), 1);
}

TEST_F(Scopes, OwnDefinitionComesBeforeUsedSets) {
  const LinkedSet hidden = link_private(returning(1));
  for (const char* attributes : {"", kWeak}) {
    const LinkedSet user = link_using(returning(2, attributes) + " int g(void) { return f(); }", hidden);
    EXPECT_EQ(call<int()>(user, "g"), 2) << attributes;
  }
}

TEST_F(Scopes, HiddenSymbolsOfUsedSetsAreNotFound) {
  const LinkedSet hidden = link_private(returning(1, "__attribute__((visibility(\"hidden\")))"));
  ObjectSet set = private_set(c_object(kCallsF));
  set.use(hidden);
  EXPECT_EQ(error_of(session->link(std::move(set))).code(), ErrorCode::kUndefinedSymbol);
}

TEST_F(Scopes, HiddenRootsOfUsedSetsAreNotFound) {
  ObjectSet rooted = private_set(c_object(returning(1, "__attribute__((visibility(\"hidden\")))")));
  rooted.options().roots = {"f"};
  const LinkedSet hidden = must(session->link(std::move(rooted)));
  ObjectSet set = private_set(c_object(kCallsF));
  set.use(hidden);
  EXPECT_EQ(error_of(session->link(std::move(set))).code(), ErrorCode::kUndefinedSymbol);
}

TEST_F(Scopes, UsingIsNotPassedOn) {
  const LinkedSet hidden = link_private(returning(1)), middle = link_using(kCallsF, hidden);
  ObjectSet set = private_set(c_object("int f(void); int h(void) { return f(); }"));
  set.use(middle);
  EXPECT_EQ(error_of(session->link(std::move(set))).code(), ErrorCode::kUndefinedSymbol);
}

TEST_F(Scopes, UsedSetIsADependencyOnlyIfFoundIn) {
  LinkedSet used = link_private(returning(1)), unused = link_private("int other(void) { return 2; }");
  const LinkedSet user = link_using(kCallsF, used, unused);
  must(unused.unload());
  EXPECT_EQ(error_of(used.unload()).code(), ErrorCode::kInUse);
}

TEST_F(Scopes, UsingAnUnloadedSetIsAnError) {
  LinkedSet gone = link_private(returning(1), "the gone");
  ObjectSet set = private_set(c_object(kCallsF));
  set.use(gone);
  must(gone.unload());
  const Error error = error_of(session->link(std::move(set)));
  EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
  EXPECT_NE(error.text().find("the gone"), std::string::npos) << error.text();
}

TEST_F(Scopes, UsingASetOfAnotherSessionIsAnError) {
  const auto other = new_session();
  const LinkedSet foreign = must(other->link(private_set(c_object(returning(1)), "the foreign")));
  ObjectSet set = private_set(c_object(kCallsF));
  set.use(foreign);
  const Error error = error_of(session->link(std::move(set)));
  EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
  EXPECT_NE(error.text().find("the foreign"), std::string::npos) << error.text();
}

TEST_F(Scopes, UsingNothingIsAnError) {
  LinkedSet gone = link_private(returning(1));
  must(gone.unload());
  ObjectSet set = private_set(c_object(kCallsF));
  set.use(gone);
  EXPECT_EQ(error_of(session->plan(set)).code(), ErrorCode::kInvalidArgument);
}

// Definitions that meet

TEST_F(Scopes, SecondStrongDefinitionIsAnErrorThatNamesBoth) {
  const LinkedSet one = link(returning(1), "the first");
  const Error error = error_of(session->link(set_of({{"second.o", c_object(returning(2))}})));
  EXPECT_EQ(error.code(), ErrorCode::kDuplicateSymbol);
  EXPECT_NE(error.text().find("the first"), std::string::npos) << error.text();
  EXPECT_NE(error.text().find("second.o"), std::string::npos) << error.text();
}

TEST_F(Scopes, WeakDefinitionStaysInFrontOfALaterStrongOne) {
  const LinkedSet one = link(returning(1, kWeak)), two = link(returning(2)), user = link(kCallsF);
  EXPECT_EQ(call<int()>(user, "g"), 1);
}

TEST_F(Scopes, StrongDefinitionTakesOverFromAnUnloadedWeakOne) {
  LinkedSet one = link(returning(1, kWeak));
  const LinkedSet two = link(returning(2));
  must(one.unload());
  EXPECT_EQ(call<int()>(link(kCallsF), "g"), 2);
}

TEST_F(Scopes, WeakDefinitionTakesOverFromAnUnloadedStrongOne) {
  LinkedSet one = link(returning(1));
  const LinkedSet two = link(returning(2, kWeak));
  EXPECT_EQ(must(session->address("f")), must(one.address("f")));
  must(one.unload());
  EXPECT_EQ(must(session->address("f")), must(two.address("f")));
}

TEST_F(Scopes, WaitingDefinitionsTakeOverInOrder) {
  std::optional<LinkedSet> sets[] = {link(returning(0, kWeak)), link(returning(1, kWeak)), link(returning(2, kWeak)),
                                     link(returning(3, kWeak))};
  sets[1].reset();
  sets[0].reset();
  EXPECT_EQ(must(session->address("f")), must(sets[2]->address("f")));
  sets[2].reset();
  EXPECT_EQ(must(session->address("f")), must(sets[3]->address("f")));
}

TEST_F(Scopes, DefinitionTakesOverFromADroppedSetThatLivesOn) {
  std::optional<LinkedSet> one = link(returning(1, kWeak));
  const LinkedSet user = link(kCallsF), two = link(returning(2, kWeak));
  one.reset();
  EXPECT_EQ(call<int()>(user, "g"), 1);
  EXPECT_EQ(must(session->address("f")), must(two.address("f")));
}

TEST_F(Scopes, StrongDefinitionsClashBehindAWeakOne) {
  const LinkedSet one = link(returning(1, kWeak)), two = link(returning(2), "the second");
  const Error error = error_of(session->link(set_of(c_object(returning(3)))));
  EXPECT_EQ(error.code(), ErrorCode::kDuplicateSymbol);
  EXPECT_NE(error.text().find("the second"), std::string::npos) << error.text();
}

TEST_F(Scopes, PrivateDefinitionsClashWithNobody) {
  const LinkedSet one = link(returning(1)), two = link_private(returning(2));
  EXPECT_EQ(call<int()>(two, "f"), 2);
  EXPECT_EQ(must(session->address("f")), must(one.address("f")));
}

// Session::define

int nine() { return 9; }

TEST_F(Scopes, DefiningBehindAWeakDefinitionWaits) {
  LinkedSet one = link(returning(1, kWeak));
  must(session->define("f", target(&nine), HostSymbolKind::kFunction));
  EXPECT_EQ(must(session->address("f")), must(one.address("f")));
  must(one.unload());
  EXPECT_EQ(call<int()>(link(kCallsF), "g"), 9);
}

TEST_F(Scopes, DefiningWhatASetDefinesStronglyIsAnError) {
  const LinkedSet one = link(returning(1));
  EXPECT_EQ(error_of(session->define("f", target(&nine))).code(), ErrorCode::kDuplicateSymbol);
}

TEST_F(Scopes, WeakDefinitionWaitsBehindADefinedOne) {
  must(session->define("f", target(&nine), HostSymbolKind::kFunction));
  const LinkedSet one = link(returning(1, kWeak)), user = link(kCallsF);
  EXPECT_EQ(call<int()>(user, "g"), 9);
}

TEST_F(Scopes, DefinedSymbolsAreSeenByPrivateSets) {
  must(session->define("f", target(&nine), HostSymbolKind::kFunction));
  EXPECT_EQ(call<int()>(link_private(kCallsF), "g"), 9);
}

// Commons

constexpr char kCommon[] = "-O1 -fcommon";

TEST_F(Scopes, LaterReferenceBindsToACommon) {
  const LinkedSet one = link("int shared; int *a(void) { return &shared; }", "one", kCommon);
  const LinkedSet two = link("extern int shared; int *b(void) { return &shared; }", "two", kCommon);
  EXPECT_EQ(call<int*()>(two, "b"), call<int*()>(one, "a"));
}

TEST_F(Scopes, CommonOfASetIsItsOwn) {
  const LinkedSet one = link("int shared; int *a(void) { return &shared; }", "one", kCommon);
  const LinkedSet two = link("int shared; int *b(void) { return &shared; }", "two", kCommon);
  EXPECT_NE(call<int*()>(two, "b"), call<int*()>(one, "a"));
  EXPECT_EQ(value(must(session->address("shared"))), value(target(call<int*()>(one, "a"))));
}

TEST_F(Scopes, CommonIsNoStrongDefinition) {
  const LinkedSet one = link("int shared;", "one", kCommon), two = link("int shared = 5;");
  EXPECT_EQ(*must(two.object<int>("shared")), 5);
}

// STB_GNU_UNIQUE

ObjectBytes counting(char name) {
  std::string source =
      "inline int &counter() { static int n; return n; }\n"
      "extern \"C\" int *where_%() { return &counter(); }\n";
  source[source.find('%')] = name;
  return cxx_object(source);
}

TEST_F(Scopes, UniqueSymbolsAreOneAcrossPrivateSets) {
  const LinkedSet one = must(session->link(private_set(counting('a')))),
                  two = must(session->link(private_set(counting('b'))));
  EXPECT_EQ(call<int*()>(one, "where_a"), call<int*()>(two, "where_b"));
}

TEST_F(Scopes, UniqueSymbolKeepsItsDefiner) {
  LinkedSet one = must(session->link(private_set(counting('a'))));
  const LinkedSet two = must(session->link(private_set(counting('b'))));
  EXPECT_EQ(error_of(one.unload()).code(), ErrorCode::kInUse);
}

TEST_F(Scopes, UniqueSymbolsAreOneAlsoWhenTheDefinersHandleIsGone) {
  std::optional<LinkedSet> one = must(session->link(private_set(counting('a'))));
  const LinkedSet two = must(session->link(private_set(counting('b'))));
  one.reset();
  const LinkedSet three = must(session->link(private_set(counting('c'))));
  EXPECT_EQ(call<int*()>(two, "where_b"), call<int*()>(three, "where_c"));
}

// The whole order, from the last to the first: with each step a nearer definition.

std::string archive_of(ObjectBytes member) {
  namespace fs = std::filesystem;
  const fs::path directory = fs::path(ENFOLD_TEST_SCRATCH) / ("order-" + std::to_string(::getpid()));
  fs::create_directories(directory);
  const std::string object = (directory / "f.o").string(), archive = (directory / "libf.a").string();
  std::ofstream(object, std::ios::binary)
      .write(reinterpret_cast<const char*>(member.data()), static_cast<std::streamsize>(member.size()));
  if (std::system(("ar rc " + archive + " " + object).c_str()) != 0) throw std::runtime_error("ar failed");
  return archive;
}

struct Order : Scopes {
  // getppid as a new set sees it that is given whatever is named here.
  int resolve(const char* own = "") {
    ObjectSet set = private_set(c_object(std::string(own) + " int getppid(void); int g(void) { return getppid(); }"));
    if (used) set.use(*used);
    if (!archive.empty()) set.add_file(archive);
    if (!library.empty()) set.add_file(library);
    return call<int()>(must(session->link(std::move(set))), "g");
  }
  static std::string definition(int n) { return "int getppid(void) { return " + std::to_string(n) + "; }"; }

  std::optional<LinkedSet> used;
  std::string archive, library;
};

TEST_F(Order, ProcessIsLast) { EXPECT_EQ(resolve(), ::getppid()); }

TEST_F(Order, LibraryComesBeforeTheProcess) {
  library = shared_library(definition(-2));
  EXPECT_EQ(resolve(), -2);
}

TEST_F(Order, ArchiveComesBeforeALaterLibrary) {
  library = shared_library(definition(-2));
  archive = archive_of(c_object(definition(-3)));
  EXPECT_EQ(resolve(), -3);
}

TEST_F(Order, DefinedAddressComesBeforeArchives) {
  archive = archive_of(c_object(definition(-3)));
  must(session->define("getppid", target(&nine), HostSymbolKind::kFunction));
  EXPECT_EQ(resolve(), 9);
}

TEST_F(Order, VisibleSetComesBeforeArchivesAndLibraries) {
  archive = archive_of(c_object(definition(-3)));
  library = shared_library(definition(-2));
  const LinkedSet visible = link(definition(-5));
  EXPECT_EQ(resolve(), -5);
}

TEST_F(Order, UsedSetComesBeforeAllOthers) {
  archive = archive_of(c_object(definition(-3)));
  library = shared_library(definition(-2));
  const LinkedSet visible = link(definition(-5));
  used = link_private(definition(-6));
  EXPECT_EQ(resolve(), -6);
}

TEST_F(Order, OwnDefinitionIsFirst) {
  used = link_private(definition(-6));
  EXPECT_EQ(resolve("__attribute__((weak)) int getppid(void) { return -7; }"), -7);
}

}  // namespace
}  // namespace enfold::test
