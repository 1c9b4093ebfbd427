// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Whatever instruction a signal hits, the stack can be unwound from there: stubs of each kind, the entry code of
// thread-locals and linked code itself are run one instruction at a time (the trap flag, Intel SDM, 18.3.1.4), and the
// handler of each trap unwinds to the function that the calls came from.
#include <dlfcn.h>
#include <link.h>
#include <signal.h>
#include <ucontext.h>
#include <unwind.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <span>
#include <string>

#include "far_memory.h"
#include "runtime/unwind.h"
#include "support.h"

namespace enfold::test {
namespace {

#if defined(__x86_64__)

constexpr long long kTrapFlag = 0x100;

struct Steps {
  bool stepping = false;
  std::uint64_t goal = 0;  // an address within the frame that unwinding has to get to
  std::size_t count = 0;
  std::size_t lost_count = 0;
  std::array<std::uint64_t, 64> lost{};  // instructions from which it was not reached
};

Steps steps;

struct Walk {
  bool arrived = false;
};

_Unwind_Reason_Code look(_Unwind_Context* context, void* walk) {
  if (_Unwind_GetCFA(context) < steps.goal) return _URC_NO_REASON;
  static_cast<Walk*>(walk)->arrived = true;
  return _URC_NORMAL_STOP;
}

void note_lost(std::uint64_t address) {
  for (std::size_t i = 0; i < std::min(steps.lost_count, steps.lost.size()); ++i) {
    if (steps.lost[i] == address) return;
  }
  if (steps.lost_count < steps.lost.size()) steps.lost[steps.lost_count] = address;
  ++steps.lost_count;
}

void on_trap(int, siginfo_t*, void* opaque) {
  auto& registers = static_cast<ucontext_t*>(opaque)->uc_mcontext.gregs;
  if (!steps.stepping) {
    registers[REG_EFL] &= ~kTrapFlag;
    return;
  }
  registers[REG_EFL] |= kTrapFlag;
  ++steps.count;
  Walk walk;
  _Unwind_Backtrace(look, &walk);
  if (!walk.arrived) note_lost(static_cast<std::uint64_t>(registers[REG_RIP]));
}

std::string place_of(const Session& session, std::uint64_t address) {
  if (const auto known = session.describe(TargetAddr{address})) return text(*known);
  Dl_info info{};
  if (dladdr(reinterpret_cast<void*>(address), &info) == 0) return "nowhere";
  return std::string(info.dli_fname) + " " + (info.dli_sname == nullptr ? "" : info.dli_sname) + " " +
         std::to_string(address - reinterpret_cast<std::uint64_t>(info.dli_fbase));
}

class SingleStep : public testing::Test {
 public:
  SingleStep() {
    SessionOptions options;
    options.memory = std::make_shared<FarMemory>();
    options.symbols = SymbolDetail::kAll;
    session = must(Session::create(std::move(options)));
    struct sigaction action {};
    action.sa_sigaction = on_trap;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGTRAP, &action, &before_);
  }
  ~SingleStep() override { sigaction(SIGTRAP, &before_, nullptr); }

  void SetUp() override {
    if (kShadowMemory) GTEST_SKIP() << "a sanitizer has functions of its own in between";
    if (!runtime::unwinder_asks()) GTEST_SKIP() << "stubs are not among the tables that are registered";
  }

  // Runs it step by step, `least` instructions or more, and expects that each of them can be unwound from.
  [[gnu::noinline]] void step(const std::function<void()>& work, std::size_t least = 10) {
    work();  // what runs once is not what is looked at
    steps = {.goal = reinterpret_cast<std::uint64_t>(__builtin_frame_address(0))};
    _Unwind_Backtrace([](_Unwind_Context*, void*) { return _URC_NO_REASON; }, nullptr);  // begins to know itself
    steps.stepping = true;
    raise(SIGTRAP);
    work();
    steps.stepping = false;
    raise(SIGTRAP);
    EXPECT_GE(steps.count, least);
    EXPECT_EQ(steps.lost_count, 0u);
    for (std::size_t i = 0; i < std::min(steps.lost_count, steps.lost.size()); ++i) {
      ADD_FAILURE() << "lost at " << place_of(*session, steps.lost[i]);
    }
  }

  // Calls a function of the set that takes a number and gives one, `int call(int)`.
  void step_call(const LinkedSet& set) {
    auto* const call = function<int(int)>(set, "call");
    step([call] { result_ = call(7); });
  }

  std::unique_ptr<Session> session;

 private:
  static inline volatile int result_ = 0;
  struct sigaction before_ {};
};

constexpr std::string_view kFlags[] = {"-O0",
                                       "-O2 -fPIC",
                                       "-O2 -fno-pic",
                                       "-O2 -fPIC -fno-plt",
                                       "-O2 -fcf-protection=full",
                                       "-O2 -fPIC -fomit-frame-pointer"};

TEST_F(SingleStep, StubsOfFarFunctions) {
  for (const std::string_view flags : kFlags) {
    step_call(
        must(session->link(private_set(c_object("int abs(int); int atoi(const char*);\n"
                                                "int call(int n) { return abs(n) + atoi(\"17\"); }",
                                                std::string(flags) + " -fno-builtin")))));
  }
}

TEST_F(SingleStep, CanonicalStubs) {
  step_call(
      must(session->link(private_set(c_object("int abs(int); int (*volatile pointer)(int);\n"
                                              "int call(int n) { pointer = abs; return pointer(n); }",
                                              "-O1 -fno-pic -fno-builtin")))));
}

TEST_F(SingleStep, StubsOfIndirectFunctions) {
  for (const std::string_view flags : kFlags) {
    step_call(must(session->link(
        private_set(c_object("static int real(int n) { return n + 1; } static void* choose(void) { return real; }\n"
                             "int chosen(int) __attribute__((ifunc(\"choose\"))); int (*volatile pointer)(int);\n"
                             "int call(int n) { pointer = chosen; return chosen(n) + pointer(n); }",
                             flags)))));
  }
}

TEST_F(SingleStep, BoundStubs) {
  LinkedSet set =
      must(session->link(private_set(c_object("int atexit(void (*)(void)); static void nothing(void) {}\n"
                                              "int call(int n) { return atexit(nothing) + n; }",
                                              "-O1 -fcf-protection=full"))));
  step_call(set);
}

TEST_F(SingleStep, FacesOfReplaceableSets) {
  ObjectSet provider =
      set_of(c_object("int provided(int n) { return n + 2; } int call(int n) { return provided(n); }"));
  provider.options().replaceable = Replaceable::kThroughout;
  const LinkedSet set = must(session->link(std::move(provider)));
  step_call(set);
  step_call(
      must(session->link(private_set(c_object("int provided(int); int (*volatile pointer)(int) = provided;\n"
                                              "int call(int n) { return provided(n) + pointer(n); }")))));
}

TEST_F(SingleStep, SharedStubs) {
  const auto object = c_object("int abs(int); int call(int n) { return abs(n); }", "-O1 -fno-builtin");
  const LinkedSet first = must(session->link(private_set(object)));
  ObjectSet second = private_set(object);
  second.share_with(first);
  step_call(must(session->link(std::move(second))));
}

// Blocks that are made at the first access, in a thread that has none, and accesses afterwards.
TEST_F(SingleStep, ThreadLocals) {
  for (const std::string_view flags :
       {"-O1 -fPIC", "-O1 -fPIC -ftls-model=local-dynamic", "-O1 -fPIC -mtls-dialect=gnu2", "-O1"}) {
    step_call(
        must(session->link(private_set(c_object("_Thread_local int shown = 3; static _Thread_local int own[9];\n"
                                                "int call(int n) { own[n] += n; return shown += own[n]; }",
                                                flags)))));
  }
}

TEST_F(SingleStep, TheFirstAccessOfAThread) {
  for (const std::string_view flags : {"-O1 -fPIC", "-O1 -fPIC -mtls-dialect=gnu2"}) {
    const LinkedSet set = must(session->link(
        private_set(c_object("#include <pthread.h>\n_Thread_local int shown = 3;\n"
                             "static void* run(void* n) { shown += *(int*)n; *(int*)n = shown; return 0; }\n"
                             "int touch(int n) { run(&n); return n; }",
                             flags))));
    auto* const touch = function<int(int)>(set, "touch");
    pthread_t thread;
    struct Step {
      SingleStep& test;
      int (*touch)(int);
    } step_in_thread{*this, touch};
    const auto run = [](void* argument) -> void* {
      auto& [test, function] = *static_cast<Step*>(argument);
      static bool first;
      first = true;
      test.step([call = function] {
        if (!std::exchange(first, false)) call(1);
      });
      return nullptr;
    };
    ASSERT_EQ(pthread_create(&thread, nullptr, run, &step_in_thread), 0);
    pthread_join(thread, nullptr);
  }
}

TEST_F(SingleStep, ExceptionsThatPassThrough) {
  const LinkedSet set = must(session->link(private_set(
      cxx_object("static int fail(int n) { throw n; }\n"
                 "extern \"C\" int call(int n) { try { return fail(n); } catch (int caught) { return caught; } }",
                 "-O0"))));
  step_call(set);
}

// The table that the dynamic linker knows of an object, for unwinders that ask it and not the library.
struct KnownTable {
  std::string name;
  std::uint64_t at = 0;
};

int note_table(dl_phdr_info* object, std::size_t, void* known) {
  auto& table = *static_cast<KnownTable*>(known);
  if (table.name != object->dlpi_name) return 0;
  for (const ElfW(Phdr) & segment : std::span(object->dlpi_phdr, object->dlpi_phnum)) {
    if (segment.p_type == PT_GNU_EH_FRAME) table.at = object->dlpi_addr + segment.p_vaddr;
  }
  return 1;
}

template <class T>
T load(std::uint64_t at) {
  T value;
  std::memcpy(&value, reinterpret_cast<const void*>(at), sizeof value);
  return value;
}

// LSB Core 5.0, 10.6.2: 12 bytes, then rows of two distances from the table, to a function and to its FDE.
bool has_frame_for(std::uint64_t table, std::uint64_t address) {
  for (std::uint32_t row = 0; row < load<std::uint32_t>(table + 8); ++row) {
    const std::uint64_t at = table + 12 + std::uint64_t{row} * 8;
    const std::uint64_t begin = table + static_cast<std::uint64_t>(std::int64_t{load<std::int32_t>(at)});
    const std::uint64_t frame = table + static_cast<std::uint64_t>(std::int64_t{load<std::int32_t>(at + 4)});
    if (address >= begin && address - begin < load<std::uint32_t>(frame + 12)) return true;
  }
  return false;
}

TEST(StubFrames, AreInTheTableOfASharedObject) {
  SessionOptions session_options;
  session_options.symbols = SymbolDetail::kAll;
  session_options.detail = Detail::kSummary;
  const auto session = must(Session::create(std::move(session_options)));
  ObjectSet input =
      set_of(c_object("static int real(int n) { return n + 1; } static void* choose(void) { return real; }\n"
                      "static int chosen(int) __attribute__((ifunc(\"choose\")));\n"
                      "int call(int n) { return chosen(n); }"),
             "stub-frames");
  input.options().as_shared_object = true;
  const LinkedSet set = must(session->link(std::move(input)));
  KnownTable table{.name = "stub-frames"};
  dl_iterate_phdr(note_table, &table);
  ASSERT_NE(table.at, 0u);
  std::size_t stub_bytes = 0;
  for (const PlannedSegment& segment : set.plan().segments) {
    for (std::uint64_t at = value(segment.base); at < value(segment.base) + segment.size; ++at) {
      const auto known = session->describe(TargetAddr{at});
      if (!known || known->section != "stub") continue;
      ++stub_bytes;
      EXPECT_TRUE(has_frame_for(table.at, at)) << text(*known);
    }
  }
  EXPECT_GE(stub_bytes, 6u);
}

#endif

}  // namespace
}  // namespace enfold::test
