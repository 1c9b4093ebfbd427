// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// On x86-64 blocks lie below the thread pointer and the word counts downwards: a block of `size` bytes that is to start
// at the distance -d lands there when d - size bytes are in use before it.
//
// Locks: the dynamic linker's, then the pool's, which a fork waits for: no child finds the word changed. Nobody waits
// for the linker's lock with the pool's in hand: the linker's may be held by a constructor that links sets.
#include "runtime/thread_pool.h"

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include <dlfcn.h>
#include <link.h>

#include "fork.h"
#include "runtime/loader_lock.h"
#include "runtime/thread_pointer.h"
#include "runtime/thread_pool_block.h"
#include "runtime/thread_pool_ranges.h"

namespace enfold::runtime {
namespace {

// The C library counts storage as free from the end on when the last block in use goes. None of the pool's may be that
// one: the pool may be the last thing that was placed at the start.
constexpr std::uint64_t kGuardSize = 64;

constexpr std::array<std::uint64_t, 3> kProbeSizes{48, 96, 16};

std::uint64_t pool_address() { return reinterpret_cast<std::uint64_t>(&enfold_thread_pool_block[0]); }

ThreadImage probe_image(std::uint64_t size) { return {.bytes = {}, .size = size, .p2align = 4}; }

// The words of the dynamic linker's private data.
std::span<std::uint64_t> private_words() {
  void* const data = ::dlsym(RTLD_DEFAULT, "_rtld_global");
  const ElfW(Sym)* symbol = nullptr;
  Dl_info info{};
  if (data == nullptr) return {};
  void** const entry = reinterpret_cast<void**>(const_cast<ElfW(Sym)**>(&symbol));
  if (::dladdr1(data, &info, entry, RTLD_DL_SYMENT) == 0 || symbol == nullptr) return {};
  return {static_cast<std::uint64_t*>(data), symbol->st_size / sizeof(std::uint64_t)};
}

class ThreadPool final : private ForkAware {
 public:
  ThreadPool() { enlist(*this, ForkOrder::kRuntime); }

  PoolRange load(Carrier& carrier, const ThreadImage& image);
  void give_back(PoolRange range) noexcept;
  PoolUse use();

 private:
  enum class State : std::uint8_t { kUnknown, kReady, kNone };
  using Probes = std::vector<Carrier>;

  void before_fork() override { mutex_.lock(); }
  void after_fork_in_parent() override { mutex_.unlock(); }
  void after_fork_in_child() override { mutex_.unlock(); }

  PoolRange take(const ThreadImage& image);
  Probes prepare_probes();
  void calibrate(Probes& probes);
  static void unload(Probes& probes) {
    while (!probes.empty()) probes.pop_back();
  }
  bool is_in_static_storage() const { return origin_ < 0 && static_cast<std::uint64_t>(-origin_) <= *used_word_; }
  bool place(Carrier& carrier, PoolRange range);

  const std::int64_t origin_ = distance_from_thread_pointer(pool_address());
  std::mutex mutex_;
  PoolRanges ranges_{origin_, kGuardSize, enfold_thread_pool_size};
  std::atomic<State> state_{State::kUnknown};
  std::uint64_t* used_word_ = nullptr;
};

ThreadPool& pool() { return lasting<ThreadPool>(); }

PoolRange ThreadPool::load(Carrier& carrier, const ThreadImage& image) {
  if (state_ == State::kNone || enfold_thread_pool_size == 0) return {};
  const PoolRange range = take(image);
  if (range.size == 0) return {};
  bool placed = false;
  try {
    Probes probes = prepare_probes();
    const auto called = with_loader_lock([&]() noexcept {
      const std::scoped_lock lock(mutex_);
      if (state_ == State::kUnknown) calibrate(probes);
      placed = state_ == State::kReady && place(carrier, range);
    });
    static_cast<void>(called);  // without the lock there is no place
  } catch (...) {
    give_back(range);
    throw;
  }
  if (placed) return range;
  give_back(range);
  return {};
}

PoolRange ThreadPool::take(const ThreadImage& image) {
  const std::scoped_lock lock(mutex_);
  return ranges_.take(image.size, std::uint64_t{1} << image.p2align);
}

void ThreadPool::give_back(PoolRange range) noexcept {
  const std::scoped_lock lock(mutex_);
  ranges_.give_back(range);
}

ThreadPool::Probes ThreadPool::prepare_probes() {
  Probes probes;
  if (state_ != State::kUnknown) return probes;
  for (const std::uint64_t size : kProbeSizes) {
    Expected<Carrier> probe = Carrier::prepare({.image = probe_image(size), .is_static = true});
    if (!probe) return {};
    probes.push_back(std::move(*probe));
  }
  return probes;
}

// The word is the one that says after each probe where the probe's block is. The lock is held: no other object comes
// between. Probes go in the order in which storage is taken back.
void ThreadPool::calibrate(Probes& probes) {
  if (probes.size() != kProbeSizes.size()) return;  // another time: there was no file for them
#if defined(__x86_64__) && defined(__GLIBC__)
  const std::span<std::uint64_t> words = private_words();
  std::vector<std::uint64_t*> candidates;
  for (std::uint64_t& word : words) candidates.push_back(&word);
  for (Carrier& probe : probes) {
    if (!probe.load()) return unload(probes);  // another time: there is no storage for them
    const auto in_use = static_cast<std::uint64_t>(-probe.tp_offset());
    std::erase_if(candidates, [&](const std::uint64_t* word) { return *word != in_use; });
  }
  unload(probes);
  state_ = State::kNone;
  if (candidates.size() != 1) return;
  used_word_ = candidates.front();
  if (is_in_static_storage()) state_ = State::kReady;
#else
  state_ = State::kNone;
#endif
}

bool ThreadPool::place(Carrier& carrier, PoolRange range) {
  const std::int64_t wanted = origin_ + static_cast<std::int64_t>(range.begin);
  const std::uint64_t in_use = *used_word_;
  *used_word_ = static_cast<std::uint64_t>(-wanted) - range.size;
  const bool loaded = carrier.load().has_value();
  *used_word_ = in_use;
  if (loaded && carrier.tp_offset() == wanted) return true;
  carrier.unload();
  return false;
}

PoolUse ThreadPool::use() {
  if (state_ != State::kReady) return {};
  const std::scoped_lock lock(mutex_);
  return ranges_.use();
}

}  // namespace

PoolRange load_into_pool(Carrier& carrier, const ThreadImage& image) { return pool().load(carrier, image); }
void give_back(PoolRange range) noexcept { pool().give_back(range); }
PoolUse pool_use() { return pool().use(); }

}  // namespace enfold::runtime
