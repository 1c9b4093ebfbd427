// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Thread-locals of linked sets, in this process: every thread has its own, whatever the model that code was compiled
// for; sets and the host see each other's.
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "support.h"

// For sets to refer to; exported, as the test's link options have it.
extern "C" {
[[gnu::visibility("default")]] thread_local int enfold_host_thread_local = 77;
}

namespace enfold::test {
namespace {

// Does what it is told in a thread that was there before.
class OldThread {
 public:
  OldThread() : thread_([this] { serve(); }) {}
  ~OldThread() {
    run({});
    thread_.join();
  }
  void run(std::function<void()> task) {
    std::unique_lock lock(mutex_);
    task_ = std::move(task);
    ready_ = true;
    condition_.notify_all();
    condition_.wait(lock, [&] { return !ready_; });
  }

 private:
  void serve() {
    for (bool more = true; more;) {
      std::unique_lock lock(mutex_);
      condition_.wait(lock, [&] { return ready_; });
      more = static_cast<bool>(task_);
      if (more) task_();
      ready_ = false;
      condition_.notify_all();
    }
  }
  std::mutex mutex_;
  std::condition_variable condition_;
  std::function<void()> task_;
  bool ready_ = false;
  std::thread thread_;
};

template <class Task>
void in_new_thread(Task&& task) {
  std::thread(std::forward<Task>(task)).join();
}

constexpr char kCounter[] =
    "static int target;\n"
    "__thread int count = 40;\n"
    "static __thread long padding[3];\n"
    "static __thread int* pointer __attribute__((aligned(64))) = &target;\n"
    "int step(void) { return ++count + (int)padding[1]++; }\n"
    "int right(void) { return pointer == &target && ((unsigned long)&pointer & 63) == 0; }\n"
    "int* where(void) { return &count; }\n"
    "void change(int* p, long n) { pointer = p, padding[2] = n; }\n";  // so that no compiler takes them for constants

// ---- Models

struct Model {
  const char* name;
  const char* flags;
  bool is_static;
};

class Models : public testing::TestWithParam<std::tuple<Model, bool>> {};

INSTANTIATE_TEST_SUITE_P(
    All, Models,
    testing::Combine(testing::Values(Model{"Default", "-O1 -fPIE", true}, Model{"NoPic", "-O1 -fno-pic", true},
                                     Model{"InitialExec", "-O1 -fPIC -ftls-model=initial-exec", true},
                                     Model{"GeneralDynamic", "-O1 -fPIC", false},
                                     Model{"GeneralDynamicNoPlt", "-O1 -fPIC -fno-plt", false},
                                     Model{"GeneralDynamicLarge", "-O1 -fPIC -mcmodel=large", false},
                                     Model{"LocalDynamic", "-O1 -fPIC -ftls-model=local-dynamic", false},
                                     Model{"LocalDynamicNoPlt", "-O1 -fPIC -fno-plt -ftls-model=local-dynamic", false},
                                     Model{"Descriptors", "-O1 -fPIC -mtls-dialect=gnu2", false},
                                     Model{"LocalDescriptors", "-O1 -fPIC -mtls-dialect=gnu2 -ftls-model=local-dynamic",
                                           false}),
                     testing::Bool()),
    [](const auto& input) {
      return std::string(std::get<0>(input.param).name) + (std::get<1>(input.param) ? "Static" : "");
    });

// Also where the block is static, so that what asks for an address is rewritten.
TEST_P(Models, EveryThreadHasItsOwn) {
  const auto& [model, make_static] = GetParam();
  OldThread old;
  auto session = new_session();
  for (const bool relax : {true, false}) {
    ObjectSet set = set_of(c_object(kCounter, model.flags));
    set.options().static_thread_storage = make_static;
    set.options().relax = relax;
    LinkedSet linked = must(session->link(std::move(set)));
    EXPECT_EQ(linked.plan().threads.is_static, model.is_static || make_static);
    const auto step = function<int()>(linked, "step");
    const auto right = function<int()>(linked, "right");
    EXPECT_EQ(step(), 41);
    EXPECT_EQ(step(), 43);
    EXPECT_TRUE(right());
    int in_old = 0, in_new = 0;
    bool old_right = false;
    old.run([&] { in_old = step(), old_right = right(); });
    in_new_thread([&] { in_new = step(); });
    EXPECT_EQ(in_old, 41);
    EXPECT_EQ(in_new, 41);
    EXPECT_TRUE(old_right);
    EXPECT_EQ(step(), 45);
    must(linked.unload());
  }
}

TEST_P(Models, WhatIsUsedWasPlanned) {
  const auto& [model, make_static] = GetParam();
  auto session = new_session();
  ObjectSet set = set_of(c_object(kCounter, model.flags));
  set.options().static_thread_storage = make_static;
  const Plan plan = must(session->plan(set));
  EXPECT_EQ(plan.threads.size, 16u + 24u);  // 8 bytes, 4, 4 of padding; 24 that are zero
  EXPECT_EQ(plan.threads.image_size, 12u);
  EXPECT_EQ(plan.threads.p2align, 6);
  LinkedSet linked = must(session->link(std::move(set)));
  std::uint64_t slots = 0, size = 0;
  for (const PlannedSegment& segment : plan.segments) slots += segment.slot_count, size += segment.slot_size;
  EXPECT_EQ(linked.usage().slot_count, slots);
  EXPECT_EQ(linked.usage().slot_size, size);
  EXPECT_EQ(linked.usage().relaxed_count, plan.relaxed_count);
  if (plan.threads.is_static) {
    EXPECT_EQ(plan.count(NeedKind::kThreadIndex) + plan.count(NeedKind::kThreadModule), 0u);
  }
}

// ---- Sets and the host

constexpr char kShared[] = "__thread int shared = 5; int own(void) { return ++shared; }";
constexpr char kUser[] = "extern __thread int shared; int theirs(void) { return ++shared; }";

TEST(ThreadLocals, OfAnEarlierSetAreSeenByLaterOnes) {
  for (const char* model : {"-O1 -fPIC", "-O1 -fPIC -mtls-dialect=gnu2", "-O1 -fPIE"}) {
    auto session = new_session();
    LinkedSet first = must(session->link(set_of(c_object(kShared, model), "first")));
    for (const char* user : {"-O1 -fPIC", "-O1 -fPIC -mtls-dialect=gnu2"}) {
      LinkedSet second = must(session->link(set_of(c_object(kUser, user), "second")));
      const auto own = function<int()>(first, "own"), theirs = function<int()>(second, "theirs");
      in_new_thread([&] {
        EXPECT_EQ(own(), 6);
        EXPECT_EQ(theirs(), 7);
        EXPECT_EQ(own(), 8);
      });
      EXPECT_EQ(error_of(first.unload()).code(), ErrorCode::kInUse);
    }
  }
}

TEST(ThreadLocals, ConstantDistancesNeedStaticStorage) {
  auto session = new_session();
  LinkedSet first = must(session->link(set_of(c_object(kShared, "-O1 -fPIC"), "first")));
  const Error error = error_of(session->link(set_of(c_object(kUser, "-O1 -fPIE"), "second")));
  EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
  EXPECT_NE(error.text().find("R_X86_64_GOTTPOFF against 'shared'"), std::string::npos) << error.text();
  EXPECT_NE(error.cure().find("static_thread_storage"), std::string::npos);
  must(first.unload());
  ObjectSet as_static = set_of(c_object(kShared, "-O1 -fPIC"), "first");
  as_static.options().static_thread_storage = true;
  first = must(session->link(std::move(as_static)));
  for (const char* user : {"-O1 -fPIE", "-O1 -fPIC"}) {
    LinkedSet second = must(session->link(set_of(c_object(kUser, user), "second")));
    in_new_thread([&] { EXPECT_EQ(call<int()>(second, "theirs"), 6); });
    EXPECT_EQ(second.plan().count(NeedKind::kThreadIndex), 0u);  // the distance is known
  }
}

// A definition without any use may be others' by any model.
TEST(ThreadLocals, DefinedForOthersAreStatic) {
  auto session = new_session();
  const LinkedSet data = must(session->link(set_of(c_object("__thread int shared = 5;", "-O1 -fPIC"), "data")));
  EXPECT_TRUE(data.plan().threads.is_static);
  const LinkedSet user = must(session->link(set_of(c_object(kUser, "-O1 -fPIE"), "user")));
  in_new_thread([&] { EXPECT_EQ(call<int()>(user, "theirs"), 6); });
}

TEST(ThreadLocals, OfTheHostAreItsOwn) {
  constexpr char kSource[] =
      "extern __thread int enfold_host_thread_local;\n"
      "int get(void) { return enfold_host_thread_local; }\n"
      "int* where(void) { return &enfold_host_thread_local; }\n";
  auto session = new_session();
  for (const char* model :
       {"-O1 -fPIC", "-O1 -fPIE", "-O1 -fPIC -mtls-dialect=gnu2", "-O1 -fPIC -ftls-model=initial-exec"}) {
    const LinkedSet set = must(session->link(private_set(c_object(kSource, model))));
    const auto get = function<int()>(set, "get");
    enfold_host_thread_local = 78;
    EXPECT_EQ(get(), 78) << model;
    EXPECT_EQ((call<int*()>(set, "where")), &enfold_host_thread_local) << model;
    in_new_thread([&] { EXPECT_EQ(get(), 77) << model; });
  }
}

TEST(ThreadLocals, OfALibraryThatIsLoadedForTheSet) {
  const std::string library = shared_library("__thread int in_library = 11;", "-O1 -fPIC");
  auto session = new_session();
  for (const char* model : {"-O1 -fPIC", "-O1 -fPIE", "-O1 -fPIC -mtls-dialect=gnu2"}) {
    ObjectSet set = private_set(
        c_object("extern __thread int in_library; int next(void) { return ++in_library; }", model));
    set.add_file(library);
    const LinkedSet linked = must(session->link(std::move(set)));
    in_new_thread([&] { EXPECT_EQ(call<int()>(linked, "next"), 12) << model; });
  }
}

TEST(ThreadLocals, AddressIsTheCallersCopy) {
  auto session = new_session();
  const LinkedSet set = must(session->link(set_of(c_object(kCounter, "-O1 -fPIC"))));
  const auto where = function<int*()>(set, "where");
  EXPECT_EQ(must(set.object<int>("count")), where());
  EXPECT_EQ(must(session->address("count")), target(where()));
  in_new_thread([&] { EXPECT_EQ(must(set.object<int>("count")), where()); });
}

TEST(ThreadLocals, OtherRelocationsAgainstThemAreRefused) {
  auto session = new_session();
  const Error data = error_of(session->link(set_of(assembled(
      ".section .tbss,\"awT\",@nobits\n.globl v\n.type v, @object\nv: .zero 4\n.data\n.quad v\n"))));
  EXPECT_NE(data.text().find("the symbol is thread-local"), std::string::npos) << data.text();
  const Error plain = error_of(session->link(
      set_of({{"a.o", assembled(".text\nmov v@gottpoff(%rip), %rax\n")}, {"b.o", c_object("int v = 1;")}})));
  EXPECT_NE(plain.text().find("is for a thread-local symbol, which this is not"), std::string::npos) << plain.text();
}

TEST(ThreadLocals, ImageCannotHoldDistances) {
  auto session = new_session();
  const Error error = error_of(session->link(set_of(assembled(
      ".section .tdata,\"awT\",@progbits\n.long f - .\n.section .text.f,\"ax\",@progbits\n.globl f\nf: ret\n"))));
  EXPECT_NE(error.text().find("cannot start out with such a value"), std::string::npos) << error.text();
}

// ---- Replacing

ObjectSet version(const std::string& source, const char* flags) {
  ObjectSet set = set_of(c_object(source, flags), "versioned");
  set.options().replaceable = Replaceable::kByOthers;
  return set;
}

TEST(ThreadLocals, AreKeptByANewVersion) {
  for (const char* model : {"-O1 -fPIC", "-O1 -fPIE"}) {
    auto session = new_session();
    LinkedSet set = must(session->link(version("__thread int n = 1; int step(void) { return ++n; }", model)));
    const auto step = function<int()>(set, "step");
    OldThread other;
    other.run([&] { step(), step(); });
    step();
    for (int i = 0; i < 3; ++i) {
      must(session->replace(set, version("__thread int n = 1; int step(void) { return n += 10; }", model),
                            {.keep_state = true}));
    }
    EXPECT_EQ(step(), 12) << model;
    int there = 0;
    other.run([&] { there = step(); });
    EXPECT_EQ(there, 13) << model;
    must(session->replace(set, version("__thread long n = 1; int step(void) { return n += 10; }", model),
                          {.keep_state = true}));
    EXPECT_EQ(step(), 11) << "another shape starts anew";
  }
}

// As with other variables: what is local to a file is known by the file's name.
TEST(ThreadLocals, OfAFileOfAnotherNameAreKeptIfTheyAreGlobal) {
  const auto in_file = [](const char* file, const std::string& source) {
    ObjectSet set = set_of({{file, c_object(source, "-O1 -fPIC")}}, "versioned");
    set.options().replaceable = Replaceable::kByOthers;
    return set;
  };
  for (const bool local : {false, true}) {
    const std::string source = std::string(local ? "static " : "") + "__thread int n = 1; int step(void) { return ++n; }";
    auto session = new_session();
    LinkedSet set = must(session->link(in_file("a.o", source)));
    EXPECT_EQ(call<int()>(set, "step"), 2);
    must(session->replace(set, in_file("b.o", source), {.keep_state = true}));
    EXPECT_EQ(call<int()>(set, "step"), local ? 2 : 3);
    must(session->replace(set, in_file("b.o", source), {.keep_state = true}));
    EXPECT_EQ(call<int()>(set, "step"), local ? 3 : 4);
  }
}

TEST(ThreadLocals, ThatOthersUseStayWhereTheyAre) {
  auto session = new_session();
  LinkedSet set = must(session->link(version(kShared, "-O1 -fPIC")));
  const LinkedSet user = must(session->link(set_of(c_object(kUser, "-O1 -fPIC"), "user")));
  const Error error = error_of(session->replace(set, version(kShared, "-O1 -fPIC")));
  EXPECT_EQ(error.code(), ErrorCode::kInUse);
  EXPECT_NE(error.text().find("it is thread-local, and lies elsewhere now"), std::string::npos) << error.text();
  must(session->replace(set, version(kShared, "-O1 -fPIC"), {.keep_state = true}));
  EXPECT_EQ(call<int()>(user, "theirs"), 6);
}

// ---- C++

constexpr char kObject[] =
    "extern \"C\" void enfold_note(int);\n"
    "struct Noted { int n; Noted(); ~Noted(); };\n"
    "extern \"C\" int (*report)(int);\n"
    "int (*report)(int);\n"
    "Noted::Noted() : n(1) { report(1); }\n"
    "Noted::~Noted() { report(2); }\n"
    "thread_local Noted noted;\n"
    "extern \"C\" int use() { return noted.n++; }\n";

std::mutex reports_mutex;
std::string reports;
int add_report(int n) {
  const std::scoped_lock lock(reports_mutex);
  reports += n == 1 ? '+' : '-';
  return n;
}
std::string take_reports() {
  const std::scoped_lock lock(reports_mutex);
  return std::exchange(reports, {});
}

LinkedSet noted_set(Session& session, const char* model) {
  LinkedSet set = must(session.link(private_set(cxx_object(kObject, model))));
  *must(set.object<int (*)(int)>("report")) = add_report;
  take_reports();
  return set;
}

TEST(ThreadLocals, AreConstructedAndDestroyedInEachThread) {
  for (const char* model : {"-O1 -fPIC", "-O1 -fPIE", "-O1 -fPIC -mtls-dialect=gnu2"}) {
    auto session = new_session();
    LinkedSet set = noted_set(*session, model);
    const auto use = function<int()>(set, "use");
    in_new_thread([&] { use(), use(); });
    EXPECT_EQ(take_reports(), "+-") << model;
    use();
    EXPECT_EQ(take_reports(), "+");
    must(set.unload());
    EXPECT_EQ(take_reports(), "-") << "the unloading thread's";
  }
}

TEST(ThreadLocals, OfOtherThreadsOutliveTheSetsHandle) {
  auto session = new_session();
  LinkedSet set = noted_set(*session, "-O1 -fPIC");
  {
    OldThread other;
    other.run([&] { call<int()>(set, "use"); });
    EXPECT_EQ(take_reports(), "+");
    must(set.unload());
    EXPECT_EQ(take_reports(), "");
    EXPECT_EQ(session->memory_use().block_count, 1u) << "the thread still has a destructor to run";
  }
  EXPECT_EQ(take_reports(), "-");
  EXPECT_EQ(session->memory_use().block_count, 0u);
}

// ---- Without end

TEST(ThreadLocals, StaticOnesAreLinkedAgainAndAgain) {
  auto session = new_session();
  OldThread old;
  for (int i = 0; i < (kShadowMemory ? 100 : 3000); ++i) {
    LinkedSet set = must(session->link(private_set(c_object(kCounter, "-O1 -fPIE"))));
    ASSERT_EQ(call<int()>(set, "step"), 41);
    if (i % 100 == 0) old.run([&] { ASSERT_EQ(call<int()>(set, "step"), 41); });
  }
}

TEST(ThreadLocals, DynamicOnesAreLinkedAgainAndAgain) {
  auto session = new_session();
  OldThread old;
  for (int i = 0; i < (kShadowMemory ? 1000 : 30000); ++i) {
    LinkedSet set = must(session->link(private_set(c_object(kCounter, "-O1 -fPIC"))));
    ASSERT_EQ(call<int()>(set, "step"), 41);
    if (i % 100 == 0) old.run([&] { ASSERT_EQ(call<int()>(set, "step"), 41); });
  }
}

}  // namespace
}  // namespace enfold::test
