// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A process in which nothing that was linked ever runs. Memory is real, so that sections are written and relocated as
// ever, but small: who asks for more is refused. Both mocks keep accounts, so that a check can tell whether a link gave
// back all it took, and note calls that break the rules of the interface as violations.
#ifndef ENFOLD_FUZZ_MOCK_PROCESS_H_
#define ENFOLD_FUZZ_MOCK_PROCESS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <enfold/enfold.h>

namespace enfold::fuzz {

// What the mocks found wrong with how they were called.
using Violations = std::vector<std::string>;

// Two mappings, one of them below 2 GiB, that blocks are laid out in one after another. The larger one has room for
// several zones; pages that nobody writes cost nothing. A window is as large as the set asks for and ends at the host's
// data. Under AddressSanitizer the surroundings of a segment are poisoned.
// Threads: one.
class MockMemory final : public MemoryProvider {
 public:
  static constexpr std::uint64_t kHostSize = 1 << 16;  // of host_data(), bytes

  MockMemory();
  ~MockMemory() override;
  MockMemory(const MockMemory&) = delete;
  MockMemory& operator=(const MockMemory&) = delete;

  Expected<AddressRange> locate(const Constraint& constraint, std::uint64_t span) override;
  Expected<Block> reserve(const Constraint& constraint, AddressRange within,
                          std::span<const SegmentRequest> segments) override;
  Expected<void> seal(Block& block, SealStage stage) override;
  void release(Block& block) noexcept override;

  std::size_t granted_count() const { return granted_.size(); }
  // Readable bytes that stand for a library's, in direct reach of the ordinary blocks.
  std::uint64_t host_data() const { return arenas_[0].end; }
  Violations take_violations();

 private:
  struct Arena {
    std::uint64_t begin = 0, end = 0;
    std::uint64_t free = 0;  // where the last block ended
    std::size_t block_count = 0;
  };
  struct Grant {
    Block::Segments segments;
    std::vector<AddressRange> gaps;  // poisoned
    std::size_t arena = 0;
    std::size_t seal_count = 0;
  };
  Grant* find(const Block& block);
  std::size_t arena_for(const Constraint& constraint) const;

  std::array<Arena, 2> arenas_;  // near the host's data; below 2 GiB
  std::map<void*, Grant> granted_;
  std::uintptr_t next_cookie_ = 1;
  Violations violations_;
};

// Finds plausible host symbols, walks unwind tables as an unwinder does, and calls nothing of what was linked.
// Threads: one.
class MockRuntime final : public RuntimeHooks {
 public:
  explicit MockRuntime(std::uint64_t host_data) : host_data_(host_data) {}

  std::optional<HostSymbol> find(void* library, const std::string& symbol) override;
  Expected<void*> open_library(const std::string& path, bool global) override;
  void close_library(void* library) noexcept override;
  void* find_loaded_library(const std::string& path) override;
  Expected<void> register_frames(const FrameTables& frames) override;
  void deregister_frames(const FrameTables& frames) noexcept override;
  TargetAddr resolve_indirect(TargetAddr resolver) override;
  Expected<void> at_exit(void (*function)(void*), void* argument, TargetAddr handle) override;
  void finalize(TargetAddr handle) override;
  void call_initializer(TargetAddr function, int argc, char** argv, char** envp) override;
  void call_finalizer(TargetAddr function) override;
  Expected<ThreadModule> add_thread_module(const ThreadImage& image, bool is_static) override;
  void remove_thread_module(const ThreadModule& module) noexcept override;
  Expected<ThreadImport> import_thread_local(void* library, const std::string& symbol) override;
  ThreadFunctions thread_functions() override;

  // Registrations, open libraries, exit handlers and thread-local storage that nobody has taken back.
  std::size_t held_count() const {
    return frames_.size() + open_libraries_ + handlers_.size() + thread_modules_.size();
  }
  Violations take_violations();

 private:
  struct Handler {
    void (*function)(void*);
    void* argument;
    TargetAddr handle;
  };

  std::uint64_t host_data_;
  std::map<TargetAddr, std::uint64_t> frames_;
  std::size_t open_libraries_ = 0;
  std::vector<Handler> handlers_;
  std::set<std::uint64_t> thread_modules_;  // by number
  std::uint64_t next_thread_module_ = 0x4000'0000;
  Violations violations_;
};

// What is wrong with a table of unwind records of `size` bytes, terminator included; empty when an unwinder can walk
// it without leaving it.
std::string check_frames(const std::byte* table, std::uint64_t size);

// What is wrong with a search table; empty when an unwinder that searches it stays in it and in its .eh_frame.
std::string check_search_table(const FrameTables& frames, const std::byte* table);

}  // namespace enfold::fuzz

#endif  // ENFOLD_FUZZ_MOCK_PROCESS_H_
