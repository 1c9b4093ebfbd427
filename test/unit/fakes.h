// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A process that is not there: memory at addresses of the test's choice, symbols of its invention. What is linked for
// it is looked at and never run.
#ifndef ENFOLD_TEST_UNIT_FAKES_H_
#define ENFOLD_TEST_UNIT_FAKES_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <enfold/enfold.h>

#include "compile.h"

namespace enfold::test {

// Grants blocks at `base`, one after another, and keeps the bytes.
class FakeMemory final : public MemoryProvider {
 public:
  explicit FakeMemory(std::uint64_t base, std::optional<AddressRange> window = {})
      : next_(base), window_(window.value_or(AddressRange{base, base + (std::uint64_t{1} << 30)})) {}

  Expected<AddressRange> locate(const Constraint&, std::uint64_t) override { return window_; }
  Expected<Block> reserve(const Constraint&, AddressRange, std::span<const SegmentRequest> segments) override;
  Expected<void> seal(Block&, SealStage) override { return {}; }
  void release(Block&) noexcept override {}

  AddressRange window() const { return window_; }
  // What was written at [address, address + size), also after the set is gone.
  std::span<const std::byte> at(std::uint64_t address, std::uint64_t size) const;
  std::uint64_t word_at(std::uint64_t address) const;

 private:
  struct Chunk {
    std::uint64_t base;
    std::vector<std::byte> bytes;
  };
  std::uint64_t next_;
  AddressRange window_;
  std::deque<Chunk> chunks_;
};

class FakeRuntime final : public RuntimeHooks {
 public:
  std::map<std::string, HostSymbol> symbols;
  std::map<std::string, HostSymbol> later;  // of libraries, once one is opened; none: none can be
  int opened_count = 0;
  std::vector<std::byte> thread_image;  // of the last module made

  static constexpr std::uint64_t kModule = 0x4000'0007;
  static constexpr std::int64_t kThreadOffset = -0x1230, kImportOffset = -0x440;  // of a module; of an import

  Expected<ThreadModule> add_thread_module(const ThreadImage& image, bool is_static) override {
    thread_image.assign(image.bytes.begin(), image.bytes.end());
    return ThreadModule{.id = kModule, .tp_offset = is_static ? kThreadOffset : 0, .is_static = is_static};
  }
  Expected<ThreadImport> import_thread_local(void*, const std::string&) override {
    return ThreadImport{.tp_offset = kImportOffset};
  }
  ThreadFunctions thread_functions() override {
    return {TargetAddr{0x7f00'1000'0000}, TargetAddr{0x7f00'1000'0010}, TargetAddr{0x7f00'1000'0020}};
  }

  std::optional<HostSymbol> find(void*, const std::string& symbol) override {
    const auto found = symbols.find(symbol);
    return found == symbols.end() ? std::nullopt : std::optional(found->second);
  }
  Expected<void*> open_library(const std::string& path, bool) override {
    for (const auto& [name, symbol] : later) symbols[name] = symbol;
    ++opened_count;
    if (!later.empty()) return this;
    return std::unexpected(Error(ErrorCode::kRuntime, path));
  }
  void close_library(void*) noexcept override {}
  void* find_loaded_library(const std::string&) override { return nullptr; }
  Expected<void> register_frames(const FrameTables&) override { return {}; }
  void deregister_frames(const FrameTables&) noexcept override {}
  TargetAddr resolve_indirect(TargetAddr resolver) override { return resolver; }
  Expected<void> at_exit(void (*)(void*), void*, TargetAddr) override { return {}; }
  void finalize(TargetAddr) override {}
  void call_initializer(TargetAddr, int, char**, char**) override {}
  void call_finalizer(TargetAddr) override {}
};

inline constexpr std::uint64_t kFakeBase = 0x7f00'0000'0000;
inline constexpr std::uint64_t kFar = 0x1234'5678'0000;  // out of reach of it

// A session of that process.
struct FakeProcess {
  explicit FakeProcess(std::uint64_t base = kFakeBase, std::optional<AddressRange> window = {});

  std::shared_ptr<FakeMemory> memory;
  std::shared_ptr<FakeRuntime> runtime = std::make_shared<FakeRuntime>();
  std::unique_ptr<Session> session;
};

}  // namespace enfold::test

#endif  // ENFOLD_TEST_UNIT_FAKES_H_
