// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// C++ exceptions cross a set's borders in every direction.
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "notes.h"
#include "support.h"

namespace enfold::test {
namespace {

struct Exceptions : WithNotes {
  LinkedSet link(const std::string& source, const char* flags = "-O1") {
    return must(session->link(private_set(cxx_object(source, flags))));
  }
};

constexpr char kThrower[] = "#include <stdexcept>\n"
                            "extern \"C\" void fail(int n) { throw std::out_of_range(std::to_string(n)); }\n";

ENFOLD_CALLS_LINKED_CODE std::string what_is_thrown_by(void (*function)(int), int n) {
  try {
    function(n);
  } catch (const std::out_of_range& error) {
    return error.what();
  }
  return "nothing";
}

TEST_F(Exceptions, OutOfASetAreCaughtByTheHost) {
  const LinkedSet set = link(kThrower);
  EXPECT_EQ(what_is_thrown_by(function<void(int)>(set, "fail"), 42), "42");
}

TEST_F(Exceptions, OutOfASetAreCaughtAgainAndAgain) {
  const LinkedSet set = link(kThrower);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(what_is_thrown_by(function<void(int)>(set, "fail"), i), std::to_string(i));
}

TEST_F(Exceptions, OutOfASetOfTheLargeModel) {
  const LinkedSet set = link(kThrower, "-O1 -mcmodel=large");
  EXPECT_EQ(what_is_thrown_by(function<void(int)>(set, "fail"), 42), "42");
}

TEST_F(Exceptions, OutOfASetBelow2GiB) {
  ObjectSet input = private_set(cxx_object(kThrower, "-O1 -fno-pic -fno-pie"));
  input.options().copy_data = true;  // of std::out_of_range's typeinfo
  const LinkedSet set = must(session->link(std::move(input)));
  EXPECT_LT(value(must(set.address("fail"))), std::uint64_t{1} << 31);
  EXPECT_EQ(what_is_thrown_by(function<void(int)>(set, "fail"), 42), "42");
}

void host_thrower(int n) { throw std::out_of_range(std::to_string(n)); }

TEST_F(Exceptions, IntoASetAreCaughtByIt) {
  must(session->define("host_thrower", target(&host_thrower), HostSymbolKind::kFunction));
  const LinkedSet set = link("#include <stdexcept>\n"
                             "extern \"C\" void host_thrower(int);\n"
                             "extern \"C\" int caught(int n) {\n"
                             "  try { host_thrower(n); } catch (const std::exception &e) { return e.what()[0]; }\n"
                             "  return 0;\n"
                             "}\n");
  EXPECT_EQ(call<int(int)>(set, "caught", 7), '7');
}

TEST_F(Exceptions, ThroughASetRunItsDestructors) {
  must(session->define("host_thrower", target(&host_thrower), HostSymbolKind::kFunction));
  const LinkedSet set = link("extern \"C\" void host_thrower(int); extern \"C\" void note(int);\n"
                             "struct Guard { ~Guard() { note(5); } };\n"
                             "extern \"C\" void through(int n) { Guard guard; host_thrower(n); }\n");
  EXPECT_EQ(what_is_thrown_by(function<void(int)>(set, "through"), 3), "3");
  EXPECT_EQ(notes(), Noted{5});
}

TEST_F(Exceptions, BetweenSetsAreCaught) {
  const LinkedSet thrower = must(session->link(set_of(cxx_object(kThrower), "thrower")));
  const LinkedSet catcher = link("#include <stdexcept>\n"
                                 "extern \"C\" void fail(int);\n"
                                 "extern \"C\" int caught(int n) {\n"
                                 "  try { fail(n); } catch (const std::out_of_range &) { return 1; }\n"
                                 "  return 0;\n"
                                 "}\n");
  EXPECT_EQ(call<int(int)>(catcher, "caught", 1), 1);
}

TEST_F(Exceptions, OfATypeOfTheSetAreCaughtInIt) {
  const LinkedSet set = link(
      "struct Own { int n; };\n"
      "static void fail(int n) { throw Own{n}; }\n"
      "extern \"C\" int caught(int n) { try { fail(n); } catch (const Own &o) { return o.n; } return 0; }\n");
  EXPECT_EQ(call<int(int)>(set, "caught", 9), 9);
}

TEST_F(Exceptions, StillWorkAfterAnotherSetIsGone) {
  const LinkedSet stays = link(kThrower);
  {
    const LinkedSet goes = link(kThrower);
    EXPECT_EQ(what_is_thrown_by(function<void(int)>(goes, "fail"), 1), "1");
  }
  EXPECT_EQ(what_is_thrown_by(function<void(int)>(stays, "fail"), 2), "2");
}

TEST_F(Exceptions, HostsOwnAreCaughtWhileSetsLive) {
  const LinkedSet set = link(kThrower);
  EXPECT_EQ(what_is_thrown_by(&host_thrower, 4), "4");
}

}  // namespace
}  // namespace enfold::test
