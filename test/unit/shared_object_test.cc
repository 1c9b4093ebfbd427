// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sets that are shared objects of the process. What the dynamic linker says of them is the expectation, not what the
// library says.
#include <dirent.h>
#include <dlfcn.h>
#include <link.h>

#include <cstdlib>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support.h"
#include "watch.h"

namespace enfold::test {
namespace {

ObjectSet shared(ObjectSet set) {
  set.options().as_shared_object = true;
  return set;
}

struct Seen {
  const void* address = nullptr;
  int objects = 0, holding = 0;
  ElfW(Word) flags = 0;
};

// Objects of the process, and those with a segment that holds the address.
Seen look_for(const void* address) {
  Seen seen{.address = address};
  const auto visit = [](dl_phdr_info* info, std::size_t, void* data) {
    Seen& found = *static_cast<Seen*>(data);
    ++found.objects;
    for (int i = 0; i < info->dlpi_phnum; ++i) {
      const ElfW(Phdr)& header = info->dlpi_phdr[i];
      const auto offset = reinterpret_cast<std::uint64_t>(found.address) - (info->dlpi_addr + header.p_vaddr);
      if (header.p_type != PT_LOAD || offset >= header.p_memsz) continue;
      ++found.holding;
      found.flags |= header.p_flags;
    }
    return 0;
  };
  dl_iterate_phdr(visit, &seen);
  return seen;
}

int open_files() {
  int count = 0;
  DIR* const files = opendir("/proc/self/fd");
  while (readdir(files) != nullptr) ++count;
  closedir(files);
  return count;
}

// Without the dependency that dlsym() notes for its caller.
const void* symbol_of_process(const char* name) {
  void* const program = dlopen(nullptr, RTLD_NOW);
  const void* const found = dlsym(program, name);
  dlclose(program);
  return found;
}

constexpr const char kSource[] =
    "int shared_variable = 40; static int table[3] = {1, 2, 3}; int *shared_pointer = &table[1];"
    "__attribute__((visibility(\"hidden\"))) int hidden_function(void) { return 2; }"
    "int shared_function(void) { return shared_variable + hidden_function(); }";

class SharedObjects : public testing::TestWithParam<MemoryKind> {
 protected:
  void SetUp() override {
    SessionOptions options;
    options.detail = Detail::kSummary;
    options.memory = must(make_memory(GetParam()));
    session = must(Session::create(std::move(options)));
  }
  std::unique_ptr<Session> session;
};
INSTANTIATE_TEST_SUITE_P(Kinds, SharedObjects,
                         testing::Values(MemoryKind::kAliased, MemoryKind::kForced, MemoryKind::kStrict),
                         [](const auto& input) { return std::string(name(input.param)); });

TEST_P(SharedObjects, AreKnownToTheDynamicLinker) {
  LinkedSet set = must(session->link(shared(set_of(c_object(kSource), "known-set"))));
  const auto* const code = reinterpret_cast<const void*>(function<int()>(set, "shared_function"));
  EXPECT_EQ(call<int()>(set, "shared_function"), 42);
  Dl_info info{};
  ASSERT_NE(dladdr(static_cast<const char*>(code) + 1, &info), 0);
  EXPECT_STREQ(info.dli_sname, "shared_function");
  EXPECT_EQ(info.dli_saddr, code);
  EXPECT_STREQ(info.dli_fname, "known-set");
  EXPECT_EQ(symbol_of_process("shared_function"), code);
  EXPECT_EQ(symbol_of_process("hidden_function"), nullptr);
  const Seen seen = look_for(code);
  EXPECT_EQ(seen.holding, 1);
  EXPECT_EQ(seen.flags, ElfW(Word){PF_R | PF_X});
  const auto variable = must(set.address("shared_variable"));
  EXPECT_EQ(look_for(reinterpret_cast<const void*>(value(variable))).flags, ElfW(Word){PF_R | PF_W});
  EXPECT_FALSE(anything_writable_and_executable());
  must(set.unload());
  EXPECT_EQ(look_for(code).holding, 0);
  EXPECT_EQ(dladdr(code, &info), 0);
  EXPECT_EQ(symbol_of_process("shared_function"), nullptr);
}

TEST_P(SharedObjects, ComeAndGoAndLeaveNothing) {
  constexpr int kTimes = 1000;
  const auto once = [&] {
    LinkedSet set = must(session->link(shared(set_of(c_object(kSource)))));
    ASSERT_EQ(call<int()>(set, "shared_function"), 42);
    must(set.unload());
  };
  once();
  session->trim();
  const int objects = look_for(nullptr).objects, files = open_files();
  const auto before = address_map();
  for (int i = 1; i < kTimes; ++i) once();
  session->trim();
  EXPECT_EQ(look_for(nullptr).objects, objects);
  EXPECT_EQ(open_files(), files);
  if (!kShadowMemory) {
    EXPECT_EQ(address_map(), before);
  }
  EXPECT_EQ(session->memory_use().block_count, 0u);
}

TEST_P(SharedObjects, LieBesideEachOther) {
  std::vector<LinkedSet> sets;
  const int files = open_files();
  for (int i = 0; i < 20; ++i) {
    const std::string name = "several_" + std::to_string(i);
    const std::string source = "int " + name + "(void) { return " + std::to_string(i) + "; }";
    sets.push_back(must(session->link(shared(set_of(c_object(source), name)))));
  }
  EXPECT_EQ(open_files(), files);
  for (int i = 0; i < 20; ++i) {
    const std::string name = "several_" + std::to_string(i);
    EXPECT_EQ(call<int()>(sets[static_cast<std::size_t>(i)], name.c_str()), i);
    EXPECT_EQ(symbol_of_process(name.c_str()),
              reinterpret_cast<const void*>(function<int()>(sets[static_cast<std::size_t>(i)], name.c_str())));
  }
}

TEST_P(SharedObjects, ThrowAndHaveThreadLocals) {
  ObjectSet set =
      shared(set_of(cxx_object("thread_local int count = 5; int asked() { return ++count; }"
                               "extern \"C\" int thrower(int n) { try { if (n) throw n; } catch (int m) {"
                               " return m + asked(); } return 0; }",
                               "-O1 -fPIC")));
  const LinkedSet linked = must(session->link(std::move(set)));
  EXPECT_EQ(call<int(int)>(linked, "thrower", 10), 16);
  EXPECT_EQ(call<int(int)>(linked, "thrower", 10), 17);
}

TEST_P(SharedObjects, AreBoundToByLibrariesOpenedLater) {
  LinkedSet set = must(session->link(shared(set_of(c_object(kSource)))));
  const std::string path = shared_library(
      "int shared_function(void); extern int shared_variable; int later(void) { return shared_function() + "
      "shared_variable; }",
      "-O1 -fPIC");
  void* const library = dlopen(path.c_str(), RTLD_NOW);
  ASSERT_NE(library, nullptr) << dlerror();
  EXPECT_EQ(reinterpret_cast<int (*)()>(dlsym(library, "later"))(), 82);
  dlclose(library);
}

TEST_P(SharedObjects, AreWrittenBeforeConstructorsOfTheirLibrariesRun) {
  const std::string path = shared_library(
      "int shared_function(void); static int seen; __attribute__((constructor)) static void start(void) { seen = "
      "shared_function(); } int what_was_seen(void) { return seen; }",
      "-O1 -fPIC");
  ObjectSet set = shared(set_of(c_object(std::string("int what_was_seen(void); int ask(void) { return what_was_seen(); "
                                                     "}") +
                                         kSource)));
  set.add_file(path);
  {
    LinkedSet linked = must(session->link(std::move(set)));
    EXPECT_EQ(call<int()>(linked, "ask"), 42);
    must(linked.unload());
  }
  EXPECT_EQ(dlopen(path.c_str(), RTLD_NOW | RTLD_NOLOAD), nullptr) << "the library stays";
}

TEST_P(SharedObjects, ThatArePrivateShowNothing) {
  ObjectSet set = shared(private_set(c_object("int privately_shared(void) { return 3; }")));
  const LinkedSet linked = must(session->link(std::move(set)));
  const auto* const code = reinterpret_cast<const void*>(function<int()>(linked, "privately_shared"));
  EXPECT_EQ(symbol_of_process("privately_shared"), nullptr);
  Dl_info info{};
  ASSERT_NE(dladdr(code, &info), 0);
  EXPECT_STREQ(info.dli_sname, "privately_shared");
}

TEST_P(SharedObjects, AreKnownAsOtherSetsAreNot) {
  const LinkedSet set = must(session->link(set_of(c_object(kSource))));
  const auto* const code = reinterpret_cast<const void*>(function<int()>(set, "shared_function"));
  Dl_info info{};
  EXPECT_EQ(dladdr(code, &info), 0);
  EXPECT_EQ(look_for(code).holding, 0);
  EXPECT_EQ(symbol_of_process("shared_function"), nullptr);
  const std::string path = shared_library("int shared_function(void); int later(void) { return shared_function(); }",
                                          "-O1 -fPIC");
  EXPECT_EQ(dlopen(path.c_str(), RTLD_NOW), nullptr);
}

TEST_P(SharedObjects, ServeSetsThatAreNone) {
  const LinkedSet set = must(session->link(shared(set_of(c_object(kSource), "provider"))));
  const LinkedSet user = must(
      session->link(set_of(c_object("int shared_function(void); int use(void) { return shared_function() + 1; }"))));
  EXPECT_EQ(call<int()>(user, "use"), 43);
}

TEST_P(SharedObjects, AreNotReplaceable) {
  ObjectSet set = shared(set_of(c_object(kSource)));
  set.options().replaceable = Replaceable::kByOthers;
  EXPECT_EQ(error_of(session->link(std::move(set))).code(), ErrorCode::kInvalidArgument);
}

// Every call of the provider and the hooks fails once, in turn: not even a constructor of the set's library runs.
TEST(SharedObjectFaults, LeaveNothing) {
  const std::string path = shared_library(
      "#include <stdlib.h>\nint shared_for_faults(void) { return 2; }"
      "__attribute__((constructor)) static void start(void) { setenv(\"ENFOLD_TEST_CONSTRUCTED\", \"1\", 1); }",
      "-O1 -fPIC");
  unsetenv("ENFOLD_TEST_CONSTRUCTED");
  const auto make = [&] {
    ObjectSet set = shared(set_of(cxx_object(
        "extern \"C\" int shared_for_faults(); thread_local int local = 40; struct S { S() { local = 40; } ~S() {} } s;"
        "extern \"C\" int faulty() { try { throw local; } catch (int n) { return n + shared_for_faults(); } }",
        "-O1 -fPIC")));
    set.add_file(path);
    return set;
  };
  for (int n = 1; n < 200; ++n) {
    Watch watch;
    const auto session = must(Session::create(watched(watch)));
    watch.fail_at = n;
    {
      Expected<LinkedSet> set = session->link(make());
      const bool met = watch.call_count >= n;
      watch.fail_at = 0;
      ASSERT_EQ(set.has_value(), !met) << "call " << n << (set ? "" : ": " + set.error().text());
      if (set) {
        EXPECT_EQ(call<int()>(*set, "faulty"), 42);
        must(set->unload());
        EXPECT_TRUE(watch.nothing_held());
        return;
      }
    }
    EXPECT_TRUE(watch.nothing_held()) << "call " << n << " of " << watch.failing;
    EXPECT_EQ(getenv("ENFOLD_TEST_CONSTRUCTED"), nullptr) << "call " << n << " of " << watch.failing;
    EXPECT_EQ(dlopen(path.c_str(), RTLD_NOW | RTLD_NOLOAD), nullptr) << "call " << n;
    EXPECT_EQ(symbol_of_process("faulty"), nullptr) << "call " << n;
  }
  FAIL() << "too many calls";
}

}  // namespace
}  // namespace enfold::test
