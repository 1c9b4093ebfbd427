// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which kinds of memory this process may have. Kernels and their security modules may refuse files in memory that are
// executable (vm.memfd_noexec), writes to /proc/self/mem (proc_mem.restrict_*), and to make executable what was
// writable (execmem, PR_SET_MDWE): each is tried once, on a page, when the first provider is made. What is refused
// later than that shows when it is used.
#include <enfold/memory.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include <fmt/core.h>
#include <sys/mman.h>

#include "catching.h"
#include "fork.h"
#include "memory/pooled_memory.h"
#include "memory/private_memory.h"
#include "memory/system.h"
#include "memory/views.h"

namespace enfold {
namespace {

constexpr int kAnonymous = MAP_PRIVATE | MAP_ANONYMOUS;
constexpr int kRun = PROT_READ | PROT_EXEC;
constexpr int kWrite = PROT_READ | PROT_WRITE;
constexpr std::byte kMark{0x5a};

// A page for a trial.
class Page {
 public:
  Page(memory::System& system, int protection, int flags, int file) : system_(system) {
    const std::uint64_t size = system_.page_size();
    if (system_.map_anywhere(size, protection, flags, file, range_.lo) == 0) range_.hi = range_.lo + size;
  }
  ~Page() {
    if (*this) system_.unmap(range_);
  }
  Page(const Page&) = delete;
  Page& operator=(const Page&) = delete;

  explicit operator bool() const { return range_.hi != 0; }
  AddressRange range() const { return range_; }
  volatile std::byte& front() const { return *reinterpret_cast<volatile std::byte*>(range_.lo); }

 private:
  memory::System& system_;
  AddressRange range_{};
};

bool can_alias(memory::System& system) {
  int file = -1;
  if (system.create_file("enfold", system.page_size(), file) != 0) return false;
  const Page alias(system, kWrite, MAP_SHARED, file);
  const Page run(system, kRun, MAP_PRIVATE, file);
  system.close_file(file);
  if (!alias || !run) return false;
  alias.front() = kMark;
  return run.front() == kMark;
}

bool can_force(memory::System& system) {
  const Page run(system, kRun, kAnonymous, -1);
  memory::Views views(system);
  return run && views.force({.address = run.range().lo, .bytes = {&kMark, 1}}) == 0 && run.front() == kMark;
}

bool can_flip(memory::System& system) {
  const Page page(system, kWrite, kAnonymous, -1);
  return page && system.protect(page.range(), kRun) == 0;
}

struct Allowed {
  bool aliased = false;
  bool forced = false;
  bool strict = false;

  explicit Allowed(memory::System& system)
      : aliased(can_alias(system)), forced(can_force(system)), strict(can_flip(system)) {}

  bool has(MemoryKind kind) const {
    switch (kind) {
      case MemoryKind::kAutomatic:
        return aliased || forced || strict;
      case MemoryKind::kAliased:
        return aliased;
      case MemoryKind::kForced:
        return forced;
      case MemoryKind::kStrict:
        break;
    }
    return strict;
  }
  MemoryKind best() const {
    if (aliased) return MemoryKind::kAliased;
    return forced ? MemoryKind::kForced : MemoryKind::kStrict;
  }
};

// Not a variable of a function: a fork in the middle of its making would leave the child waiting for it.
struct AllowedHere : Allowed {
  AllowedHere() : Allowed(memory::host_system()) {}
};

const Allowed& allowed() { return lasting<AllowedHere>(); }

// What whoever runs the process prefers. Words that name no kind say nothing.
MemoryKind kind_of_environment() {
  const char* wanted = ::secure_getenv("ENFOLD_MEMORY");
  if (wanted == nullptr) return MemoryKind::kAutomatic;
  for (const MemoryKind kind : {MemoryKind::kAliased, MemoryKind::kForced, MemoryKind::kStrict}) {
    if (name(kind) == wanted) return kind;
  }
  return MemoryKind::kAutomatic;
}

}  // namespace

void Block::Segments::reserve(std::size_t count) {
  if (count <= capacity()) return;
  auto more = std::make_unique<Segment[]>(count);
  std::ranges::copy(*this, more.get());
  many_ = std::move(more);
  capacity_ = static_cast<std::uint32_t>(count);
}

// Inline, compilers would warn of an index that only many have.
Block::Segment& Block::Segments::operator[](std::size_t i) { return data()[i]; }
const Block::Segment& Block::Segments::operator[](std::size_t i) const { return data()[i]; }

Block::Segment& Block::Segments::add_to_many() {
  if (size_ == capacity()) reserve(std::size_t{2} * size_);
  return many_[size_++] = {};
}

void Block::Segments::append(const Segments& other) {
  reserve(size_ + other.size());
  for (const Segment& segment : other) push_back(segment);
}

MemoryProvider::~MemoryProvider() = default;

Expected<void> MemoryProvider::rewrite(std::span<const WordWrite>) {
  return std::unexpected(Error(ErrorCode::kUnsupported, "the memory provider cannot change words of sealed segments")
                             .with_cure("use one of make_memory()'s"));
}

Expected<void> MemoryProvider::hand_over(Block&) {
  return std::unexpected(Error(ErrorCode::kUnsupported, "the memory provider hands no addresses to the dynamic linker")
                             .with_cure("use one of make_memory()'s, or link without SetOptions::as_shared_object"));
}

Expected<void> MemoryProvider::take_back(Block& block) { return hand_over(block); }

std::string_view name(MemoryKind kind) {
  switch (kind) {
    case MemoryKind::kAutomatic:
      return "auto";
    case MemoryKind::kAliased:
      return "alias";
    case MemoryKind::kForced:
      return "forced";
    case MemoryKind::kStrict:
      break;
  }
  return "strict";
}

namespace {

Expected<std::shared_ptr<MemoryProvider>> make(MemoryKind kind) {
  if (kind == MemoryKind::kAutomatic) kind = kind_of_environment();
  if (allowed().has(kind)) {
    const MemoryKind made = kind == MemoryKind::kAutomatic ? allowed().best() : kind;
    return memory::make_pooled_memory(memory::host_system(), made);
  }
  Error error(ErrorCode::kMemory, fmt::format("this system allows no memory of the kind \"{}\"", name(kind)));
  if (!allowed().has(MemoryKind::kAutomatic)) return std::unexpected(std::move(error));
  const std::string_view other = name(allowed().best());
  return std::unexpected(
      std::move(error).with_cure(fmt::format("use the kind \"{}\", which it allows, or \"auto\"", other)));
}

}  // namespace

Expected<std::shared_ptr<MemoryProvider>> make_memory(MemoryKind kind) {
  return catching_bad_alloc([&] { return make(kind); });
}

std::shared_ptr<MemoryProvider> make_private_memory() { return memory::make_private_memory(memory::host_system()); }

}  // namespace enfold
