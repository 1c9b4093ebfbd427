// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A link is all or nothing: whichever of its calls fails, the process is as before, and the next link is good.
#include <cstdint>

#include <gtest/gtest.h>

#include "notes.h"
#include "support.h"
#include "watch.h"

namespace enfold::test {
namespace {

// To be compared; nothing where a sanitizer makes comparing futile.
std::vector<MapLine> settled_map() { return kShadowMemory ? std::vector<MapLine>{} : address_map(); }

struct Transaction : testing::Test {
  Watch watch;
  std::unique_ptr<Session> session = must(Session::create(watched(watch)));

  // Fails each call in turn until a link succeeds. Returns how many there were.
  template <class MakeSet>
  int fail_each_call(MakeSet&& make_set, const char* symbol) {
    must(session->link(make_set()));  // what the process allots once, it has allotted
    const std::vector<MapLine> before = settled_map();
    for (int n = 1;; ++n) {
      watch.call_count = 0;
      watch.fail_at = n;
      watch.failing.clear();
      Expected<LinkedSet> set = session->link(make_set());
      if (set) {
        EXPECT_LT(watch.call_count, n);
        return n - 1;
      }
      EXPECT_NE(set.error().text().find("was made to fail"), std::string::npos) << set.error().text();
      EXPECT_TRUE(watch.nothing_held()) << "after call " << n << " failed";
      EXPECT_EQ(settled_map(), before) << "after call " << n << " failed";
      EXPECT_EQ(error_of(session->address(symbol)).code(), ErrorCode::kNotFound);
      if (HasFailure() || n > 1000) return n;
    }
  }
};

ObjectSet answering() {
  return set_of({{"a.o", cxx_object("#include <stdexcept>\n"
                                    "#include <string>\n"
                                    "static std::string text(\"forty-two\");\n"
                                    "extern \"C\" int answer() {\n"
                                    "  try { throw std::runtime_error(text); }\n"
                                    "  catch (const std::exception &e) { return e.what()[0] == 'f' ? 42 : 0; }\n"
                                    "}\n")}});
}

TEST_F(Transaction, FailureOfAnyCallLeavesNothing) {
  EXPECT_GE(fail_each_call(answering, "answer"), 6);  // locate, reserve, seal twice, frames, exit handler
}

TEST_F(Transaction, FailureOfAnyCallWithALibraryLeavesNothing) {
  const auto make_set = [] {
    ObjectSet set = set_of(c_object("int from_library(void); int answer(void) { return from_library(); }"));
    set.add_file(shared_library("int from_library(void) { return 42; }"));
    return set;
  };
  EXPECT_GE(fail_each_call(make_set, "answer"), 6);
}

TEST_F(Transaction, FailureOfAnyCallBelow2GiBLeavesNothing) {
  const auto make_set = [] {
    return set_of(c_object("static int t[2] = {40, 2}; int answer(int i) { return t[i] + t[1 - i]; }",
                           "-O1 -fno-pic -fno-pie"));
  };
  EXPECT_GE(fail_each_call(make_set, "answer"), 6);
}

TEST_F(Transaction, FailureOfAnyCallWithZonesLeavesNothing) {
  const auto make_set = [] {
    return set_of({{"a.o", c_object("char a[1536u << 20]; int answer(void) { return 42; }", "-O1 -fPIC")},
                   {"b.o", c_object("char b[1536u << 20]; int g(void) { return 1; }", "-O1 -fPIC")},
                   {"c.o", c_object("char c[1536u << 20]; int h(void) { return 1; }", "-O1 -fPIC")}});
  };
  EXPECT_GE(fail_each_call(make_set, "answer"), 6);  // each zone has its unwind table
}

TEST_F(Transaction, FailureOfAnyCallWithThreadLocalsLeavesNothing) {
  for (const char* model : {"-O1 -fPIC", "-O1 -fPIE"}) {
    const auto make_set = [&] {
      return private_set(c_object("extern __thread int enfold_host_thread_local; __thread int own = 42;\n"
                                  "int answer(void) { return own + enfold_host_thread_local; }",
                                  model));
    };
    EXPECT_GE(fail_each_call(make_set, "answer"), 6);
    watch.fail_at = 0;
  }
}

TEST_F(Transaction, LinkAfterAFailureIsGood) {
  for (int n = 1; n <= 6; ++n) {
    watch.call_count = 0;
    watch.fail_at = n;
    watch.failing.clear();
    EXPECT_FALSE(session->link(answering()));
    watch.fail_at = 0;
    LinkedSet set = must(session->link(answering()));
    EXPECT_EQ(call<int()>(set, "answer"), 42);
    must(set.unload());
  }
}

TEST_F(Transaction, FailureLeavesEarlierSetsAlone) {
  LinkedSet earlier = must(session->link(set_of(c_object("int earlier(void) { return 7; }"), "earlier")));
  for (int n = 1; n <= 5; ++n) {
    watch.call_count = 0;
    watch.fail_at = n;
    watch.failing.clear();
    EXPECT_FALSE(session->link(set_of(c_object("int earlier(void); int later(void) { return earlier(); }"), "later")));
  }
  EXPECT_EQ(call<int()>(earlier, "earlier"), 7);
  must(earlier.unload());  // nobody is left to depend on it
}

TEST_F(Transaction, UnloadGivesEverythingBack) {
  must(session->link(answering()));
  const std::vector<MapLine> before = settled_map();
  LinkedSet set = must(session->link(answering()));
  must(set.unload());
  EXPECT_TRUE(watch.nothing_held());
  EXPECT_EQ(settled_map(), before);
}

TEST_F(Transaction, PlanningTakesNothing) {
  must(session->link(answering()));
  const std::vector<MapLine> before = settled_map();
  must(session->plan(answering()));
  EXPECT_TRUE(watch.nothing_held());
  EXPECT_EQ(settled_map(), before);
}

// What the caller's progress function throws goes through the link, wherever it is.
TEST(Progress, ExceptionInAnyPassLeavesNothing) {
  Watch watch;
  SessionOptions options = watched(watch);
  int countdown = 0;
  options.progress = [&](std::string_view, std::size_t, std::size_t) {
    if (--countdown == 0) throw countdown;
  };
  const auto session = must(Session::create(std::move(options)));
  must(session->link(answering()));
  const std::vector<MapLine> before = settled_map();
  int thrown = 0;
  for (;; ++thrown) {
    countdown = thrown + 1;
    try {
      must(session->link(answering()));
      break;
    } catch (int) {
      EXPECT_TRUE(watch.nothing_held()) << "after call " << thrown;
      EXPECT_EQ(settled_map(), before) << "after call " << thrown;
      EXPECT_EQ(error_of(session->address("answer")).code(), ErrorCode::kNotFound) << "after call " << thrown;
    }
  }
  EXPECT_GT(thrown, 10);
}

// Input that cannot be linked, of each sort.
struct BadInput {
  const char* name;
  ErrorCode code;
  ObjectSet (*make)();
};

const BadInput kBadInputs[] = {
    {"Undefined", ErrorCode::kUndefinedSymbol,
     [] { return set_of(c_object("int nobody(void); int answer(void) { return nobody(); }")); }},
    {"Duplicate", ErrorCode::kDuplicateSymbol,
     [] {
       return set_of({{"a.o", c_object("int answer(void) { return 1; }")},
                      {"b.o", c_object("int answer(void) { return 2; }")}});
     }},
    {"OutOfRange", ErrorCode::kOutOfRange,
     [] { return set_of(assembled(".globl answer, thing\nanswer: ret\n.data\n.byte thing\nthing:\n")); }},
    {"ThreadLocalImage", ErrorCode::kUnsupported,
     [] { return set_of(assembled(".globl answer\nanswer: ret\n.section .tdata,\"awT\"\n.long answer - .\n")); }},
    {"ThreadLocalAlignment", ErrorCode::kMemory,
     [] {
       return set_of(c_object("static __thread char a __attribute__((aligned(8192))); char* answer(void) { return &a; }",
                              "-O1 -fPIE"));
     }},
    {"Empty", ErrorCode::kInvalidArgument, [] { return ObjectSet("empty"); }},
    {"MissingFile", ErrorCode::kIo,
     [] {
       ObjectSet set("missing");
       set.add_file("there-is-no-such-file.o");
       return set;
     }},
    {"Truncated", ErrorCode::kMalformed,
     [] { return set_of(c_object("int answer(void) { return 1; }").first(300)); }},
};

class Refused : public Transaction, public testing::WithParamInterface<BadInput> {};

INSTANTIATE_TEST_SUITE_P(Input, Refused, testing::ValuesIn(kBadInputs),
                         [](const auto& input) { return std::string(input.param.name); });

TEST_P(Refused, LeavesNothing) {
  must(session->link(answering()));
  const std::vector<MapLine> before = settled_map();
  const Error error = error_of(session->link(GetParam().make()));
  EXPECT_EQ(error.code(), GetParam().code) << error.text();
  EXPECT_TRUE(watch.nothing_held());
  EXPECT_EQ(settled_map(), before);
  EXPECT_EQ(error_of(session->address("answer")).code(), ErrorCode::kNotFound);
}

TEST_P(Refused, IsRefusedAgainAndSpoilsNothing) {
  EXPECT_FALSE(session->link(GetParam().make()));
  EXPECT_FALSE(session->link(GetParam().make()));
  const LinkedSet set = must(session->link(answering()));
  EXPECT_EQ(call<int()>(set, "answer"), 42);
}

}  // namespace
}  // namespace enfold::test
