// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What debuggers are shown of a set, and when. test/tool/debug_sets_test.py asks a debugger what it makes of it.
#include <cstring>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <elf.h>

#include "fakes.h"
#include "support.h"

namespace enfold::test {
namespace {

// Notes what is shown; its n-th showing fails.
class Showing final : public RuntimeHooks {
 public:
  explicit Showing(std::shared_ptr<RuntimeHooks> rest) : rest_(std::move(rest)) {}

  Expected<void*> show_object(std::span<const std::byte> object) override {
    if (++calls == fail_at) return std::unexpected(Error(ErrorCode::kRuntime, "no debugger today"));
    shown.emplace(calls, object);
    return reinterpret_cast<void*>(std::uintptr_t{calls});
  }
  void hide_object(void* entry) noexcept override {
    hidden_twice = shown.erase(static_cast<unsigned>(reinterpret_cast<std::uintptr_t>(entry))) == 0 || hidden_twice;
  }

  std::optional<HostSymbol> find(void* l, const std::string& s) override { return rest_->find(l, s); }
  Expected<void*> open_library(const std::string& p, bool g) override { return rest_->open_library(p, g); }
  void close_library(void* l) noexcept override { rest_->close_library(l); }
  void* find_loaded_library(const std::string& p) override { return rest_->find_loaded_library(p); }
  Expected<void> register_frames(const FrameTables& frames) override { return rest_->register_frames(frames); }
  void deregister_frames(const FrameTables& frames) noexcept override { rest_->deregister_frames(frames); }
  TargetAddr resolve_indirect(TargetAddr r) override { return rest_->resolve_indirect(r); }
  Expected<void> at_exit(void (*f)(void*), void* a, TargetAddr h) override { return rest_->at_exit(f, a, h); }
  void finalize(TargetAddr h) override { rest_->finalize(h); }
  void call_initializer(TargetAddr f, int c, char** v, char** e) override { rest_->call_initializer(f, c, v, e); }
  void call_finalizer(TargetAddr f) override { rest_->call_finalizer(f); }

  std::map<unsigned, std::span<const std::byte>> shown;
  unsigned calls = 0, fail_at = 0;
  bool hidden_twice = false;

 private:
  std::shared_ptr<RuntimeHooks> rest_;
};

struct DebuggerTest : testing::Test {
  std::shared_ptr<Showing> runtime = std::make_shared<Showing>(make_process_runtime());

  std::unique_ptr<Session> session(Debugger debugger = Debugger::kWithDebugInformation) {
    SessionOptions options;
    options.runtime = runtime;
    options.debugger = debugger;
    return must(Session::create(std::move(options)));
  }
};

ObjectBytes with_debug_information() { return c_object("int f(int x) { return x; }", "-g"); }
ObjectBytes without() { return c_object("int g(int x) { return x; }", "-g0"); }

Elf64_Shdr section(std::span<const std::byte> object, std::string_view name) {
  const auto at = [&]<class T>(std::uint64_t offset, T record) {
    std::memcpy(&record, object.data() + offset, sizeof record);
    return record;
  };
  const auto header = at(0, Elf64_Ehdr{});
  const auto names = at(header.e_shoff + header.e_shstrndx * sizeof(Elf64_Shdr), Elf64_Shdr{});
  for (std::uint64_t i = 0; i < header.e_shnum; ++i) {
    const auto found = at(header.e_shoff + i * sizeof(Elf64_Shdr), Elf64_Shdr{});
    if (name == reinterpret_cast<const char*>(object.data()) + names.sh_offset + found.sh_name) return found;
  }
  throw std::runtime_error("no such section");
}

TEST_F(DebuggerTest, SectionsHaveTheirAddresses) {
  const auto at = session();
  const LinkedSet set = must(at->link(set_of(with_debug_information())));
  ASSERT_EQ(runtime->shown.size(), 1u);
  const std::span<const std::byte> object = runtime->shown.begin()->second;
  EXPECT_EQ(section(object, ".text").sh_addr, value(must(set.address("f"))));
  EXPECT_EQ(section(object, ".debug_info").sh_addr, 0u);
  EXPECT_EQ(object.size(), with_debug_information().size());
}

TEST_F(DebuggerTest, DroppedSectionsAreNotAllocated) {
  const ObjectBytes one = c_object("int dropped(void) { return 1; } int kept(void) { return 2; }",
                                   "-g -ffunction-sections");
  ObjectSet objects = set_of(one);
  objects.options().gc_sections = true;
  objects.options().roots = {"kept"};
  const auto at = session();
  const LinkedSet set = must(at->link(std::move(objects)));
  const std::span<const std::byte> object = runtime->shown.begin()->second;
  EXPECT_EQ(section(object, ".text.dropped").sh_flags & SHF_ALLOC, 0u);
  EXPECT_EQ(section(object, ".text.dropped").sh_addr, 0u);
  EXPECT_NE(section(object, ".text.kept").sh_flags & SHF_ALLOC, 0u);
  EXPECT_LT(section(object, ".eh_frame").sh_size, section(one, ".eh_frame").sh_size);
}

TEST_F(DebuggerTest, FollowsTheOption) {
  const std::pair<Debugger, std::size_t> kShown[] = {
      {Debugger::kNone, 0}, {Debugger::kWithDebugInformation, 1}, {Debugger::kAll, 2}};
  for (const auto& [debugger, count] : kShown) {
    const auto at = session(debugger);
    const LinkedSet set = must(at->link(set_of({{"a.o", with_debug_information()}, {"b.o", without()}})));
    EXPECT_EQ(runtime->shown.size(), count);
  }
}

TEST_F(DebuggerTest, NothingIsShownOfWhatIsUnloaded) {
  const auto at = session();
  LinkedSet set = must(at->link(set_of(with_debug_information())));
  must(set.unload());
  EXPECT_TRUE(runtime->shown.empty());
  EXPECT_FALSE(runtime->hidden_twice);
}

TEST_F(DebuggerTest, FailingLinkHidesWhatItShowed) {
  const auto at = session();
  runtime->fail_at = 2;
  const ObjectBytes other = c_object("int h(int x) { return x; }", "-g");
  EXPECT_EQ(error_of(at->link(set_of({{"a.o", with_debug_information()}, {"h.o", other}}))).message(),
            "no debugger today");
  EXPECT_TRUE(runtime->shown.empty());
  EXPECT_FALSE(runtime->hidden_twice);
  runtime->fail_at = 0;
  EXPECT_TRUE(at->link(set_of({{"a.o", with_debug_information()}, {"h.o", other}})).has_value());
}

TEST_F(DebuggerTest, RuntimeWithoutDebuggersServes) {
  const FakeProcess process;
  EXPECT_TRUE(process.session->link(set_of(with_debug_information())).has_value());
}

}  // namespace
}  // namespace enfold::test
