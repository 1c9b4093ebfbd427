// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_MEMORY_H_
#define ENFOLD_MEMORY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
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
  // Segments lie one after another, at rising addresses, as an image's do: for sets that ask where they end. Without it
  // they may lie anywhere in the located range.
  bool contiguous = false;
  // The dynamic linker will map the block: it lies apart from all that the provider has, begins with `lead` bytes that
  // are the dynamic linker's, and is handed over before it is written. Segments lie one after another.
  bool for_loader = false;
  std::uint32_t lead = 0;
};

// One set's memory: granted as a whole, released as a whole.
struct Block {
  struct Segment {
    TargetAddr base{};             // address in the target
    std::byte* working = nullptr;  // until sealed: write base[i] through working[i]; dead after seal(kRelro), unless it
                                   // is kReadWrite
    std::uint64_t size = 0;
    Protection protection = Protection::kRead;
  };

  // An array that grows. The few segments of a small set lie in it itself: there may be tens of thousands of those.
  class Segments {
   public:
    using value_type = Segment;

    Segments() = default;
    Segments(const Segments& other) { append(other); }
    Segments(Segments&& other) noexcept { take(other); }
    Segments& operator=(const Segments& other) { return *this = Segments(other); }
    Segments& operator=(Segments&& other) noexcept {
      if (this != &other) take(other);
      return *this;
    }
    ~Segments() = default;

    void reserve(std::size_t count);
    void resize(std::size_t count) {
      reserve(count);
      for (std::size_t i = size_; i < count; ++i) data()[i] = {};
      size_ = static_cast<std::uint32_t>(count);
    }
    Segment& emplace_back() {
      if (many_ || size_ >= kFew) return add_to_many();
      return few_[size_++] = {};
    }
    void clear() { size_ = 0; }
    void push_back(const Segment& segment) {
      const Segment copy = segment;  // which may be one of these
      emplace_back() = copy;
    }

    bool empty() const { return size_ == 0; }
    std::size_t size() const { return size_; }
    Segment* data() { return many_ ? many_.get() : few_.data(); }
    const Segment* data() const { return many_ ? many_.get() : few_.data(); }
    Segment& operator[](std::size_t i);
    const Segment& operator[](std::size_t i) const;
    Segment* begin() { return data(); }
    Segment* end() { return data() + size_; }
    const Segment* begin() const { return data(); }
    const Segment* end() const { return data() + size_; }
    Segment& back() { return data()[size_ - 1]; }
    const Segment& back() const { return data()[size_ - 1]; }

   private:
    static constexpr std::uint32_t kFew = 2;  // code and constants

    std::size_t capacity() const { return many_ ? capacity_ : kFew; }
    Segment& add_to_many();
    void append(const Segments& other);
    void take(Segments& other) noexcept {
      size_ = std::exchange(other.size_, 0);
      capacity_ = other.capacity_;
      many_ = std::move(other.many_);
      few_ = other.few_;
    }

    std::uint32_t size_ = 0;
    std::uint32_t capacity_ = 0;  // of `many_`
    std::unique_ptr<Segment[]> many_;
    std::array<Segment, kFew> few_{};
  };

  Segments segments;       // as requested, same order; an empty one has the address of the next that is not
  AddressRange extent{};   // from the first byte to the last, with what the provider rounded up, or put between
  void* cookie = nullptr;  // the provider's own
};

enum class SealStage : std::uint8_t {
  kCode,   // everything but RELRO gets its final protection: indirect-function resolvers may run
  kRelro,  // RELRO becomes read-only
};

// A word of a sealed segment, aligned to its size.
struct WordWrite {
  TargetAddr address{};
  std::uint64_t value = 0;
};

// What a provider holds of the process. Units: bytes.
struct MemoryUse {
  struct Window {
    AddressRange range{};
    std::uint64_t taken = 0;  // of the range, by blocks and by what small blocks share
  };
  std::vector<Window> windows;
  std::uint64_t block_count = 0;  // live
  std::uint64_t granted = 0;      // in segments of live blocks, as requested
  std::uint64_t committed = 0;    // pages that may hold memory: what was taken less what was never touched, where known
  std::uint64_t mapping_count = 0;  // mappings of the process that are the provider's, reservations included
};

// Supplies address space and pages.
// Ownership: a granted Block belongs to the caller until release().
// Threads: all functions may be called from several threads at once.
// Errors: kMemory; kInUse of reserve(), if others took `within` meanwhile. A failing call leaves the process as it was.
// Forks: make_memory()'s providers work on in both processes, each with all blocks that were live, and neither notices
// what the other does. A block that was not sealed yet is the parent's to finish: in the child it may only be released.
// _Fork(), vfork() and a raw clone() run no handlers: their children must not link or unload before they exec().
class MemoryProvider {
 public:
  virtual ~MemoryProvider();

  // The range of addresses that a block of `span` bytes under `constraint` would be placed in: every later reserve()
  // with the same constraint and at most that span lies inside it, or fails. Changes nothing in the process.
  virtual Expected<AddressRange> locate(const Constraint& constraint, std::uint64_t span) = 0;

  // One block inside `within` with every segment at its alignment and, where the constraint asks for it, in order. Its
  // working memory is writable (never executable) and all zero; at `base` it is seen once it is sealed, and earlier
  // only by chance. A page is shared only by segments (of this block and others) that end up with one protection, for
  // which kRead and kRelro count as one.
  virtual Expected<Block> reserve(const Constraint& constraint, AddressRange within,
                                  std::span<const SegmentRequest> segments) = 0;

  // From here on the block shows at `base` what was written, its RELRO included, at both stages.
  virtual Expected<void> seal(Block& block, SealStage stage) = 0;

  // Replaces words of sealed RELRO segments of live blocks while other threads read them: each reader sees a word's old
  // value or its new one. Never makes a page writable that code can read through. All or nothing.
  // A provider that does not implement it serves sets that are never replaced. Errors: kUnsupported there.
  virtual Expected<void> rewrite(std::span<const WordWrite> words);

  // Gives everything back. Live code in the block is the caller's duty.
  virtual void release(Block& block) noexcept = 0;

  // Returns to the system what is kept for blocks to come.
  virtual void trim() noexcept {}

  virtual MemoryUse use() const { return {}; }

  // Of a block for the dynamic linker: gives up its addresses, so that the dynamic linker can map them, and takes it
  // back when it has: its working memory is writable then. Whoever mapped it unmaps it, before or after release().
  // A provider that does not implement them serves sets that are no shared objects. Errors: kUnsupported there.
  virtual Expected<void> hand_over(Block& block);
  virtual Expected<void> take_back(Block& block);
};

// How memory that is executed from, or read-only, comes to hold what the linker writes.
enum class MemoryKind : std::uint8_t {
  kAutomatic,  // what ENFOLD_MEMORY in the environment names, else kAliased where allowed, else kForced, else kStrict
  kAliased,    // small sets share pages, written through a second mapping of them; large ones have pages of their own
  kForced,     // the same, with private pages written through /proc/self/mem: no second mapping ever
  kStrict,     // pages of their own for every set, private, written in place and flipped by mprotect once
};
std::string_view name(MemoryKind kind);  // "auto", "alias", "forced", "strict"

// Probes what the system allows. Errors: kMemory, when it does not allow that kind; the cure names one that it does.
Expected<std::shared_ptr<MemoryProvider>> make_memory(MemoryKind kind = MemoryKind::kAutomatic);

// make_memory(MemoryKind::kStrict): works everywhere but where pages that were writable may not become executable.
std::shared_ptr<MemoryProvider> make_private_memory();

}  // namespace enfold

#endif  // ENFOLD_MEMORY_H_
