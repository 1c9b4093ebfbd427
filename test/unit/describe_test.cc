// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What lies at an address: Session::describe, also in a handler of a crash in linked code.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "fakes.h"
#include "support.h"

namespace enfold::test {
namespace {

constexpr char kSource[] = "static int hidden(int n) { volatile int m = n; return m + 1; }\n"
                           "int (*get(void))(int) { return hidden; }\n"
                           "int shown(int n) { return n + 2; }\n"
                           "int table[10] = {1, 2};\n"
                           "int crash(int *p) { *(volatile int *)p = 1; return 0; }\n";

std::unique_ptr<Session> session_with(SymbolDetail symbols) {
  SessionOptions options;
  options.symbols = symbols;
  return must(Session::create(std::move(options)));
}

LinkedSet link(Session& session, const char* flags = "-O1 -ffunction-sections") {
  return must(session.link(set_of({{"x.o", c_object(kSource, flags)}}, "numbers")));
}

TEST(Describe, NamesSetAndExportedSymbol) {
  const auto session = session_with(SymbolDetail::kExported);
  const LinkedSet set = link(*session);
  const TargetAddr shown = must(set.address("shown"));
  const auto found = session->describe(shown + 1);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->set, "numbers");
  EXPECT_EQ(found->symbol, "shown");
  EXPECT_EQ(found->offset, 1u);
  EXPECT_EQ(found->range.lo, value(shown));
  EXPECT_EQ(found->object, "");
  EXPECT_EQ(found->section, "");
  EXPECT_EQ(text(*found), "numbers/shown+0x1");
}

// Their handles give the addresses of stubs, which are no bytes of any version.
TEST(Describe, NamesFunctionsOfReplaceableSets) {
  for (const Replaceable how : {Replaceable::kByOthers, Replaceable::kThroughout}) {
    for (const SymbolDetail symbols : {SymbolDetail::kExported, SymbolDetail::kAll}) {
      const auto session = session_with(symbols);
      const auto version = [&](const std::string& more) {
        ObjectSet set = set_of({{"x.o", c_object(kSource + more, "-O1 -fPIC")}}, "numbers");
        set.options().replaceable = how;
        return set;
      };
      const auto expect_named = [&](const LinkedSet& set, const char* symbol) {
        const TargetAddr at = must(set.address(symbol));
        AddressNote note;
        ASSERT_TRUE(session->describe(at + 3, note)) << symbol;
        EXPECT_EQ(note.set, "numbers");
        EXPECT_EQ(note.section, "stub");
        EXPECT_EQ(note.symbol, symbol);
        EXPECT_EQ(note.offset, 3u);
        EXPECT_EQ(note.range.lo, value(at));
      };
      LinkedSet set = must(session->link(version("")));
      const TargetAddr shown = must(set.address("shown"));
      expect_named(set, "shown");
      {
        const LinkedSet old = must(session->replace(set, version("int added(void) { return 3; }\n")));
        expect_named(set, "shown");
        expect_named(set, "added");
      }
      expect_named(set, "shown");  // which the first version has made
      ASSERT_TRUE(must(set.function<int(int)>("shown"))(1) == 3);
      must(set.unload());
      EXPECT_FALSE(session->describe(shown));
    }
  }
}

TEST(Describe, NamesStubs) {
  const auto session = session_with(SymbolDetail::kAll);
  must(session->define("far", TargetAddr{0x7fff'0000'0000}, HostSymbolKind::kFunction));
  const LinkedSet set = must(session->link(set_of(
      {{"x.o", c_object("int far(void); int near(void) { return far() + 1; }\n", "-O1 -fPIC")}}, "calls")));
  const TargetAddr near = must(set.address("near"));
  bool found = false;
  for (std::uint64_t i = 0; i < 4096 && !found; ++i) {
    const auto note = session->describe(near + i);
    found = note && note->section == "stub" && note->symbol == "far" && text(*note) == "calls/stub/far+0x0";
  }
  EXPECT_TRUE(found);
}

TEST(Describe, ShowsNoControlCharacters) {
  const AddressNote note = {.set = "s\x1b[2J", .object = "\u202e.o", .section = {}, .symbol = "f\n\xff", .range = {}};
  char out[64];
  EXPECT_EQ(std::string(out, write_text(note, out, sizeof out)), "s\\x1b[2J/\\u202e.o/f\\x0a\\xff+0x0");
  EXPECT_EQ(std::string(out, write_text(note, out, 4)), "s\\x1");
}

TEST(Describe, NamesData) {
  const auto session = session_with(SymbolDetail::kExported);
  const LinkedSet set = link(*session);
  const TargetAddr table = must(set.address("table"));
  const auto found = session->describe(table + 39);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->symbol, "table");
  EXPECT_EQ(found->offset, 39u);
  EXPECT_EQ(found->range.hi - found->range.lo, 40u);
}

// A symbol is not named for what lies behind its end.
TEST(Describe, KnowsNoLocalFunctionsUnlessAsked) {
  const auto session = session_with(SymbolDetail::kExported);
  const LinkedSet set = link(*session);
  const TargetAddr hidden = target(call<int (*(void))(int)>(set, "get"));
  const auto found = session->describe(hidden);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->set, "numbers");
  EXPECT_EQ(found->symbol, "");
}

TEST(Describe, NamesEverythingWhereAsked) {
  const auto session = session_with(SymbolDetail::kAll);
  const LinkedSet set = link(*session);
  const TargetAddr hidden = target(call<int (*(void))(int)>(set, "get"));
  const auto found = session->describe(hidden + 2);
  ASSERT_TRUE(found);
  EXPECT_EQ(text(*found), "numbers/x.o/.text.hidden/hidden+0x2");
  EXPECT_EQ(text(*session->describe(must(set.address("table")) + 4)), "numbers/x.o/.data/table+0x4");
}

TEST(Describe, NamesEveryFunctionOfMany) {
  const auto session = session_with(SymbolDetail::kAll);
  std::string source;
  for (int i = 0; i < 500; ++i) {
    source += "int f" + std::to_string(i) + "(int n) { return n + " + std::to_string(i) + "; }\n";
  }
  const LinkedSet set = must(session->link(set_of({{"many.o", c_object(source)}}, "many")));
  for (int i = 0; i < 500; ++i) {
    const std::string name = "f" + std::to_string(i);
    const TargetAddr at = must(set.address(name));
    AddressNote note;
    ASSERT_TRUE(session->describe(at + 1, note));
    ASSERT_EQ(note.symbol, name);
    ASSERT_EQ(note.object, "many.o");
    ASSERT_EQ(note.offset, 1u);
  }
}

TEST(Describe, KnowsNothingOfTheHost) {
  const auto session = session_with(SymbolDetail::kExported);
  const LinkedSet set = link(*session);
  const int local = 0;
  EXPECT_FALSE(session->describe(target(&local)));
  EXPECT_FALSE(session->describe(target(&session_with)));
  EXPECT_FALSE(session->describe(TargetAddr{0}));
}

TEST(Describe, KnowsItsOwnSetsOnly) {
  const auto session = session_with(SymbolDetail::kExported), other = session_with(SymbolDetail::kExported);
  const LinkedSet set = link(*session);
  EXPECT_FALSE(other->describe(must(set.address("shown"))));
}

TEST(Describe, KnowsNothingOfAnUnloadedSet) {
  const auto session = session_with(SymbolDetail::kAll);
  LinkedSet set = link(*session);
  const TargetAddr shown = must(set.address("shown"));
  must(set.unload());
  EXPECT_FALSE(session->describe(shown));
}

TEST(Describe, KnowsNothingOfAFailedLink) {
  FakeProcess process;
  must(process.session->define("clash", TargetAddr{1}));
  EXPECT_FALSE(process.session->link(set_of(c_object("int clash(void) { return 1; }"))));
  for (std::uint64_t at = 0; at < 4096; at += 16) EXPECT_FALSE(process.session->describe(TargetAddr{kFakeBase + at}));
}

TEST(Describe, ATextIsCutAndNeverOverruns) {
  const AddressNote note = {.set = "set", .object = {}, .section = ".text", .symbol = "f", .range = {}, .offset = 0x1c};
  char out[32] = {};
  EXPECT_EQ(std::string(out, write_text(note, out, sizeof out)), "set/.text/f+0x1c");
  char few[6] = {'#', '#', '#', '#', '#', '#'};
  EXPECT_EQ(write_text(note, few, 5), 5u);
  EXPECT_EQ(std::string(few, 6), "set/.#");
}

// A reader of a record keeps it, however its set goes.
TEST(Describe, WhileSetsComeAndGo) {
  const auto session = session_with(SymbolDetail::kAll);
  const ObjectBytes object = c_object(kSource, "-O1 -ffunction-sections");
  std::atomic<std::uint64_t> address{0};
  std::atomic<bool> done{false};
  std::atomic<int> wrong{0};
  std::thread reader([&] {
    while (!done) {
      const auto found = session->describe(TargetAddr{address.load()});
      if (found && (found->set != "numbers" || found->symbol != "shown")) ++wrong;
    }
  });
  for (int i = 0; i < (kShadowMemory ? 200 : 2000); ++i) {
    LinkedSet set = must(session->link(set_of({{"x.o", object}}, "numbers")));
    address = value(must(set.address("shown")));
    if (i % 8 == 0) std::this_thread::yield();
    must(set.unload());
  }
  done = true;
  reader.join();
  EXPECT_EQ(wrong, 0);
}

const Session* crashing = nullptr;
int report_to = -1;

void on_crash(int, siginfo_t*, void* context) {
  AddressNote note;
  char line[256];
  const auto pc = static_cast<std::uint64_t>(static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP]);
  if (crashing->describe(TargetAddr{pc}, note)) {
    const std::size_t size = write_text(note, line, sizeof line);
    if (::write(report_to, line, size) < 0) ::_exit(2);
  }
  ::_exit(0);
}

TEST(Describe, InAHandlerOfACrash) {
  const auto session = session_with(SymbolDetail::kAll);
  const LinkedSet set = link(*session);
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    crashing = session.get();
    report_to = ends[1];
    struct sigaction action {};
    action.sa_sigaction = on_crash;
    action.sa_flags = SA_SIGINFO;
    ::sigaction(SIGSEGV, &action, nullptr);
    call<int(int*)>(set, "crash", static_cast<int*>(nullptr));
    ::_exit(1);
  }
  ::close(ends[1]);
  char line[256];
  const ssize_t size = ::read(ends[0], line, sizeof line);
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  const std::string told(line, size > 0 ? static_cast<std::size_t>(size) : 0);
  EXPECT_EQ(told.substr(0, told.find('+')), "numbers/x.o/.text.crash/crash");
}

}  // namespace
}  // namespace enfold::test
