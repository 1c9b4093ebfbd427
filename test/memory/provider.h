// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A provider of each kind, and what tests want to know of the blocks that it grants.
#ifndef ENFOLD_TEST_MEMORY_PROVIDER_H_
#define ENFOLD_TEST_MEMORY_PROVIDER_H_

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include <dlfcn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "memory/pooled_memory.h"
#include "support.h"

namespace enfold::memory {

inline constexpr MemoryKind kKinds[] = {MemoryKind::kAliased, MemoryKind::kForced, MemoryKind::kStrict};
inline constexpr MemoryKind kPooledKinds[] = {MemoryKind::kAliased, MemoryKind::kForced};

inline std::string kind_name(const testing::TestParamInfo<MemoryKind>& info) { return std::string(name(info.param)); }

inline bool all_zero(const Block::Segment& segment) {
  return std::all_of(segment.working, segment.working + segment.size, [](std::byte b) { return b == std::byte{0}; });
}

inline std::string permissions_of(const Mapping* at) {
  if (at == nullptr) return "none";
  return std::string(at->readable ? "r" : "-") + (at->writable ? "w" : "-") + (at->executable ? "x" : "-");
}

inline std::string permissions_of(const Block::Segment& segment) {
  const std::vector<Mapping> mappings = mappings_now();
  return permissions_of(mapping_at(mappings, value(segment.base)));
}

inline std::uint64_t resident_size() {
  std::string text;
  host_system().read_file("/proc/self/statm", text);
  return std::strtoull(text.c_str() + text.find(' '), nullptr, 10) * host_system().page_size();
}

inline bool seal(MemoryProvider& memory, Block& block) {
  return memory.seal(block, SealStage::kCode).has_value() && memory.seal(block, SealStage::kRelro).has_value();
}

// What is seen where the segment will be used.
inline std::uint64_t word_at(TargetAddr address) {
  return *reinterpret_cast<const volatile std::uint64_t*>(value(address));
}

inline void write_word(const Block::Segment& segment, std::uint64_t offset, std::uint64_t word) {
  std::memcpy(segment.working + offset, &word, sizeof word);
}

#if defined(__x86_64__)
inline constexpr bool kRunsCode = true;
#else
inline constexpr bool kRunsCode = false;
#endif

// A function that returns `result`, where the machine code is known; `result` alone elsewhere.
inline void write_function(const Block::Segment& segment, std::uint32_t result) {
  const unsigned char opcode = 0xb8;  // mov eax, result
  const unsigned char ret = 0xc3;     // ret
  std::memcpy(segment.working, &opcode, 1);
  std::memcpy(segment.working + 1, &result, 4);
  std::memcpy(segment.working + 5, &ret, 1);
}

ENFOLD_TEST_CALLS_RAW_CODE inline std::uint32_t call(TargetAddr function) {
  if constexpr (kRunsCode) return reinterpret_cast<std::uint32_t (*)()>(value(function))();
  std::uint32_t result = 0;
  std::memcpy(&result, reinterpret_cast<const char*>(value(function)) + 1, sizeof result);
  return result;
}

// A set of one small function: 128 bytes of code, 96 of constants, a slot, a bit of data.
inline std::vector<SegmentRequest> tiny() {
  return {segment(Protection::kReadExecute, 128, 4), segment(Protection::kRead, 96, 3),
          segment(Protection::kRelro, 8, 3), segment(Protection::kReadWrite, 8, 3)};
}

// Blocks of a provider; what a test forgets is released.
class Blocks {
 public:
  explicit Blocks(std::shared_ptr<MemoryProvider> memory) : memory_(std::move(memory)) {}
  ~Blocks() { release_all(); }
  Blocks(const Blocks&) = delete;
  Blocks& operator=(const Blocks&) = delete;

  Block& add(const std::vector<SegmentRequest>& segments, const Constraint& constraint = kNearLibraries) {
    Expected<Block> got = reserve(*memory_, constraint, segments);
    EXPECT_TRUE(got) << got.error().text();
    return blocks_.emplace_back(got ? *std::move(got) : Block{});
  }
  // A live tiny set whose function, slot and data are `mark`.
  Block& add_live(std::uint32_t mark) {
    Block& block = add(tiny());
    write_function(block.segments[0], mark);
    write_word(block.segments[2], 0, mark);
    write_word(block.segments[3], 0, mark);
    EXPECT_TRUE(seal(*memory_, block));
    return block;
  }
  void release(std::size_t index) { memory_->release(blocks_[index]); }
  void release_all() {
    for (Block& b : blocks_) memory_->release(b);
    blocks_.clear();
    memory_->trim();
  }
  Block& operator[](std::size_t index) { return blocks_[index]; }
  std::size_t size() const { return blocks_.size(); }

 private:
  std::shared_ptr<MemoryProvider> memory_;
  std::deque<Block> blocks_;
};

// Whether a live block is as Blocks::add_live made it.
inline bool is_live(const Block& block, std::uint32_t mark) {
  return call(block.segments[0].base) == mark && word_at(block.segments[2].base) == mark;
}

// Runs `body` in a child process; its result is the child's exit status.
template <class Body>
int in_child(Body body) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(300);  // a lock held by a thread that is no more
    _exit(body());
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// libc's own definition, not a copy of it in the executable.
inline std::uint64_t in_libc(const char* symbol) {
  void* libc = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
  return libc != nullptr ? reinterpret_cast<std::uint64_t>(dlsym(libc, symbol)) : 0;
}

// Whether a signed 32-bit displacement gets from every byte of `range` to `address`.
inline bool reaches(AddressRange range, std::uint64_t address) {
  const auto distance = [&](std::uint64_t from) { return static_cast<std::int64_t>(address - from); };
  return distance(range.lo) == static_cast<std::int32_t>(distance(range.lo)) &&
         distance(range.hi - 1) == static_cast<std::int32_t>(distance(range.hi - 1));
}

// A provider and its blocks; what a test forgets is released.
class MemoryTest : public testing::TestWithParam<MemoryKind> {
 protected:
  explicit MemoryTest(MemoryKind kind) : memory_(make_pooled_memory(host_system(), kind)) {}
  MemoryTest() : MemoryTest(GetParam()) {}

  Block& block(const Constraint& constraint, const std::vector<SegmentRequest>& segments) {
    Expected<Block> got = reserve(*memory_, constraint, segments);
    EXPECT_TRUE(got) << got.error().text();
    return blocks_.emplace_back(got ? *std::move(got) : Block{});
  }
  void release_all() {
    for (Block& b : blocks_) memory_->release(b);
    blocks_.clear();
    memory_->trim();
  }
  ~MemoryTest() override {
    if (memory_) release_all();
  }
  // A provider over calls of the test's own.
  void use(System& system) { memory_ = make_pooled_memory(system, GetParam()); }
  void drop() {
    release_all();
    memory_.reset();
  }

  std::shared_ptr<MemoryProvider> memory_;
  std::deque<Block> blocks_;
};

}  // namespace enfold::memory

#endif  // ENFOLD_TEST_MEMORY_PROVIDER_H_
