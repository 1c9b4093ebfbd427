// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where a set lies and what may be done to it there.
#include <csignal>
#include <cstring>
#include <fstream>

#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "notes.h"
#include "support.h"
#include "watch.h"

namespace enfold::test {
namespace {

constexpr char kImage[] =
    "extern int other;\n"
    "const int constant = 1;\n"
    "int data = 2, zero;\n"
    "const int *const relro = &constant;\n"
    "int code(void) { return constant + data + zero + *relro; }\n"
    "__attribute__((constructor)) static void start(void) { zero = 38; }\n"
    "int *slot_user(void) { return &other; }\n";

struct Image : testing::Test {
  static LinkedSet link(Session& session) {
    must(session.define("other", TargetAddr{0x1234'5678'0000}, HostSymbolKind::kData));
    return must(session.link(set_of(c_object(kImage, "-O1 -fPIC"))));
  }
  TargetAddr slot() const {
    for (const PlannedSegment& segment : set.plan().segments) {
      if (segment.slot_count != 0) return segment.base;
    }
    return {};
  }

  std::unique_ptr<Session> session = new_session();
  LinkedSet set = link(*session);
};

TEST_F(Image, CodeIsReadAndExecute) { EXPECT_EQ(protection_at(must(set.address("code"))), "r-xp"); }
TEST_F(Image, ConstantsAreReadOnly) { EXPECT_EQ(protection_at(must(set.address("constant"))), "r--p"); }
TEST_F(Image, DataIsReadAndWrite) { EXPECT_EQ(protection_at(must(set.address("data"))), "rw-p"); }
TEST_F(Image, BssIsReadAndWrite) { EXPECT_EQ(protection_at(must(set.address("zero"))), "rw-p"); }
TEST_F(Image, RelocatedConstantsAreReadOnly) { EXPECT_EQ(protection_at(must(set.address("relro"))), "r--p"); }
TEST_F(Image, SlotsAreReadOnly) { EXPECT_EQ(protection_at(slot()), "r--p"); }
TEST_F(Image, Runs) { EXPECT_EQ(call<int()>(set, "code"), 42); }

// The signal that ends a child which writes there; 0 when it lives.
int signal_of_write_to(TargetAddr address) {
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGSEGV, SIG_DFL);
    *reinterpret_cast<volatile char*>(value(address)) = 1;
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

TEST_F(Image, WriteToASlotIsFatal) { EXPECT_EQ(signal_of_write_to(slot()), SIGSEGV); }
TEST_F(Image, WriteToRelocatedConstantsIsFatal) {
  EXPECT_EQ(signal_of_write_to(must(set.address("relro"))), SIGSEGV);
}
TEST_F(Image, WriteToCodeIsFatal) { EXPECT_EQ(signal_of_write_to(must(set.address("code"))), SIGSEGV); }
TEST_F(Image, WriteToDataIsNot) { EXPECT_EQ(signal_of_write_to(must(set.address("data"))), 0); }

// At every call that a link and an unload make, and while the set's own code runs.
TEST(Protection, NothingIsEverWritableAndExecutable) {
  ASSERT_FALSE(anything_writable_and_executable()) << "before anything was linked";
  Watch watch;
  int looks = 0, seen = 0;
  watch.after_each = [&] {
    ++looks;
    seen += anything_writable_and_executable() ? 1 : 0;
  };
  {
    const auto session = must(Session::create(watched(watch)));
    must(session->define("look", target(+[] { note(anything_writable_and_executable() ? 1 : 0); }),
                         HostSymbolKind::kFunction));
    notes().clear();
    LinkedSet set = must(session->link(set_of(c_object(
        "void look(void);\n"
        "static void f(void) {} static void *choose(void) { return f; }\n"
        "void indirect(void) __attribute__((ifunc(\"choose\")));\n"
        "__attribute__((constructor)) static void in(void) { look(); indirect(); }\n"
        "__attribute__((destructor)) static void out(void) { look(); }\n"))));
    must(set.unload());
  }
  EXPECT_EQ(notes(), (Noted{0, 0}));
  EXPECT_GT(looks, 8);
  EXPECT_EQ(seen, 0);
}

TEST(Protection, SlotsAreReadOnlyBeforeAnInitialiserRuns) {
  const auto session = new_session();
  notes().clear();
  must(session->define("far", TargetAddr{0x1234'5678'0000}, HostSymbolKind::kData));
  must(session->define("look_at", target(+[](void* p) { note(protection_at(target(p)) == "r--p" ? 1 : 0); }),
                       HostSymbolKind::kFunction));
  const LinkedSet set = must(session->link(set_of(c_object(
      "extern int far; int *use(void) { return &far; }\n"
      "void look_at(void *); extern char _GLOBAL_OFFSET_TABLE_[] __attribute__((visibility(\"hidden\")));\n"
      "__attribute__((constructor)) static void in(void) { look_at(_GLOBAL_OFFSET_TABLE_); }\n", "-O1 -fPIC"))));
  EXPECT_EQ(notes(), Noted{1});
}

class Aligned : public testing::TestWithParam<unsigned> {};

INSTANTIATE_TEST_SUITE_P(AboveAPage, Aligned, testing::Values(8192u, 65536u, 2u << 20, 16u << 20),
                         [](const auto& n) { return "To" + std::to_string(n.param); });

TEST_P(Aligned, DataAndBssLieAtTheirAlignment) {
  const std::string n = std::to_string(GetParam());
  const auto session = new_session();
  const LinkedSet set = must(session->link(set_of(c_object(std::string("__attribute__((aligned(").append(n).append(
      "))) int data = 1;\n__attribute__((aligned(").append(n).append("))) int zero;\nint small = 3;\n")))));
  EXPECT_EQ(value(must(set.address("data"))) % GetParam(), 0u);
  EXPECT_EQ(value(must(set.address("zero"))) % GetParam(), 0u);
  EXPECT_EQ(*must(set.object<int>("data")) + *must(set.object<int>("small")), 4);
}

std::uint64_t resident_size() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t total = 0, resident = 0;
  file >> total >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

// The gap is address space: filling it would take as much memory.
TEST(AlignedCode, FarAboveAPageTakesNoMemoryForTheGap) {
  const auto session = new_session();
  const ObjectBytes object = assembled(".text\n.p2align 28\n.globl f\nf: movl $42, %eax\nret\n");
  const std::uint64_t before = resident_size();
  const LinkedSet set = must(session->link(set_of(object)));
  EXPECT_EQ(call<int()>(set, "f"), 42);
  EXPECT_LT(resident_size(), before + (16u << 20));
}

// Placement

TEST(Placement, AbsoluteAddressesOf32BitsPutTheSetBelow2GiB) {
  const auto session = new_session();
  const LinkedSet set = must(session->link(set_of(c_object(
      "static int table[4] = {1, 2, 3, 4}; int get(unsigned i) { return table[i]; }\n"
      "int *base(void) { return table; }\n", "-O1 -fno-pic -fno-pie -mcmodel=small"))));
  EXPECT_LT(value(must(set.address("get"))), std::uint64_t{1} << 31);
  EXPECT_EQ(call<int(unsigned)>(set, "get", 2u), 3);
  EXPECT_LT(value(target(call<int*()>(set, "base"))), std::uint64_t{1} << 31);
}

// UBSan's function checks and some profilers read the bytes before a function.
TEST(Placement, CodeNeverBeginsAMapping) {
  const auto room_before = [](TargetAddr code) {
    for (const MapLine& line : address_map()) {
      if (value(code) >= line.range.lo && value(code) < line.range.hi) return value(code) - line.range.lo;
    }
    return std::uint64_t{0};
  };
  for (const MemoryKind kind : {MemoryKind::kAliased, MemoryKind::kForced, MemoryKind::kStrict}) {
    SCOPED_TRACE(name(kind));
    SessionOptions options;
    options.memory = must(make_memory(kind));
    const auto session = must(Session::create(std::move(options)));
    const LinkedSet small = must(session->link(set_of(c_object("int small(void) { return 1; }"))));
    EXPECT_GE(room_before(must(small.address("small"))), 16u);
    const LinkedSet large =
        must(session->link(set_of(c_object("int large(void) { return 1; } const char filling[200000] = {1};"))));
    EXPECT_GE(room_before(must(large.address("large"))), 16u);
    ObjectSet input = set_of(c_object("int faced(void) { return 1; }"));
    input.options().replaceable = Replaceable::kByOthers;
    const LinkedSet faced = must(session->link(std::move(input)));
    EXPECT_GE(room_before(must(faced.address("faced"))), 16u);
  }
}

TEST(Placement, OthersLieInReachOfTheCLibrary) {
  const auto session = new_session();
  const LinkedSet set =
      must(session->link(set_of(c_object("int puts(const char *); int f(void) { return puts(\"\"); }"))));
  EXPECT_EQ(set.plan().count(NeedKind::kStub), 0u);
}

TEST(Placement, DataOfTheCLibraryIsAddressedDirectly) {
  const auto session = new_session();
  const LinkedSet set = must(session->link(set_of(c_object("extern void *stderr; void *get(void) { return stderr; }",
                                                           "-O1 -fPIE"))));
  EXPECT_EQ(set.plan().needs.size(), 0u);
  EXPECT_EQ(call<void*()>(set, "get"), stderr);
}

constexpr char kLibrary[] = "int shared_counter = 7; int library_counter(void) { return shared_counter; }";
constexpr char kReader[] =
    "extern int shared_counter; int library_counter(void); int own[2];\n"
    "int *address(void) { return &shared_counter; }\n"
    "int read_it(void) { return shared_counter; }\n"
    "int set_it(int n) { shared_counter = n; return library_counter(); }\n"
    "int *pin(int i) { return own + i; }\n";

ObjectSet reader() {
  ObjectSet set = set_of(c_object(kReader, "-O1 -fno-pic -fno-pie"));
  set.add_file(shared_library(kLibrary));
  return set;
}

TEST(CopyData, OffIsAnErrorWithItsCure) {
  const Error error = error_of(new_session()->link(reader()));
  EXPECT_EQ(error.code(), ErrorCode::kOutOfRange) << error.text();
  EXPECT_NE(error.text().find("shared_counter"), std::string::npos) << error.text();
  EXPECT_NE(error.text().find("-fPIC"), std::string::npos) << error.text();
}

TEST(CopyData, HasTheLibrarysValue) {
  const auto session = new_session();
  ObjectSet input = reader();
  input.options().copy_data = true;
  const LinkedSet set = must(session->link(std::move(input)));
  EXPECT_EQ(set.plan().count(NeedKind::kCopy), 1u);
  EXPECT_EQ(call<int()>(set, "read_it"), 7);
  EXPECT_LT(value(target(call<int*()>(set, "address"))), std::uint64_t{1} << 31);
}

TEST(CopyData, IsNotSeenByTheLibrary) {
  const auto session = new_session();
  ObjectSet input = reader();
  input.options().copy_data = true;
  const LinkedSet set = must(session->link(std::move(input)));
  EXPECT_EQ(call<int(int)>(set, "set_it", 9), 7);
  EXPECT_EQ(call<int()>(set, "read_it"), 9);
}

}  // namespace
}  // namespace enfold::test
