// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_MEMORY_H_
#define ENFOLD_MEMORY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <enfold/error.h>

namespace enfold {

// An address in the process that the code will run in: never dereferenced by planning and relocating, which work on
// std::byte* working memory. In this process the two may or may not coincide.
enum class TargetAddr : std::uint64_t {};

constexpr std::uint64_t value(TargetAddr a) { return static_cast<std::uint64_t>(a); }
constexpr TargetAddr operator+(TargetAddr a, std::uint64_t bytes) { return TargetAddr{value(a) + bytes}; }

// [lo, hi)
struct AddressRange {
  std::uint64_t lo = 0;
  std::uint64_t hi = 0;
  friend bool operator==(const AddressRange&, const AddressRange&) = default;
};

// What a segment is protected as once its set is live. No segment is ever writable and executable.
enum class Protection : std::uint8_t {
  kRead,         // constants, unwind tables
  kReadExecute,  // code and stubs
  kRelro,        // written by the linker, read-only once code runs: GOT, .data.rel.ro, initialiser arrays
  kReadWrite,    // data and bss
};

struct SegmentRequest {
  Protection protection = Protection::kRead;
  std::uint64_t size = 0;          // bytes of address space; may be 0
  std::uint64_t written_size = 0;  // the first bytes that the linker writes; the rest must read as zero
  std::uint8_t p2align = 0;        // of the segment's first byte; may exceed a page
};

// Where a block has to lie.
struct Constraint {
  enum class Kind : std::uint8_t {
    kNearLibraries,  // within `reach` of the process's shared libraries, if there is room; else anywhere
    kLow,            // below 2^31
    kNear,           // every byte within `reach` of every byte of `target`; refused when impossible
  };
  Kind kind = Kind::kNearLibraries;
  AddressRange target{};
  std::uint64_t reach = 0;  // bytes; half-open distance that the architecture's shortest direct reference spans
};

// One set's memory: granted as a whole, released as a whole.
struct Block {
  struct Segment {
    TargetAddr base{};              // address in the target
    std::byte* working = nullptr;   // writable until sealed: write base[i] through working[i]
    std::uint64_t size = 0;
    Protection protection = Protection::kRead;
  };
  std::vector<Segment> segments;  // as requested, same order, rising addresses
  AddressRange extent{};          // all of it, with what the provider rounded up
  void* cookie = nullptr;         // the provider's own
};

enum class SealStage : std::uint8_t {
  kCode,   // everything but RELRO gets its final protection: indirect-function resolvers may run
  kRelro,  // RELRO becomes read-only
};

// Supplies address space and pages.
// Ownership: a granted Block belongs to the caller until release().
// Threads: all functions may be called from several threads at once.
// Errors: kMemory. A failing call leaves the process as it found it; release() cannot fail.
class MemoryProvider {
 public:
  virtual ~MemoryProvider();

  // The range of addresses that a block of `span` bytes under `constraint` would be placed in: every later reserve()
  // with the same constraint and at most that span lies inside it, or fails. Changes nothing in the process.
  virtual Expected<AddressRange> locate(const Constraint& constraint, std::uint64_t span) = 0;

  // One block inside `within` with every segment at its alignment, in order, readable and writable (never executable),
  // all zero. Segments of different protection do not share a page.
  virtual Expected<Block> reserve(const Constraint& constraint, AddressRange within,
                                  std::span<const SegmentRequest> segments) = 0;

  virtual Expected<void> seal(Block& block, SealStage stage) = 0;

  // Gives everything back. Live code in the block is the caller's duty.
  virtual void release(Block& block) noexcept = 0;
};

// Private pages, written in place, then flipped to their protection by mprotect. Works everywhere.
std::shared_ptr<MemoryProvider> make_private_memory();

}  // namespace enfold

#endif  // ENFOLD_MEMORY_H_
