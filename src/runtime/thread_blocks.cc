// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Who frees a thread's blocks:
// - at its end, a destructor of pthread_key_create(3). Those run after C++'s thread_local destructors, in up to
//   PTHREAD_DESTRUCTOR_ITERATIONS rounds, in no order that would be known: another key's may still use thread-locals.
//   So ours asks to be called again until the last round.
// - what a thread makes later still, which no destructor comes for: whoever finds the thread gone. Its record is on the
//   heap under the kernel's number for the thread, which either recurs or is found dead when records become many.
// - after a fork, the child: of all threads but one only the blocks are left.
#include "runtime/thread_blocks.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fork.h"
#include "runtime/thread_block_memory.h"
#include "runtime/thread_table.h"
#include "runtime/thread_table_place.h"

extern "C" [[gnu::weak]] void __tsan_init();

constinit std::atomic<std::int64_t> enfold_thread_table_offset{0};

namespace enfold::runtime {
namespace {

// ThreadSanitizer ends its own record of the thread in the last round: no function that it knows may be called after.
unsigned last_round() { return PTHREAD_DESTRUCTOR_ITERATIONS - (&__tsan_init != nullptr ? 1u : 0u); }

constexpr std::uint64_t kMaxModuleCount = std::uint64_t{1} << 28;

std::uint64_t own_number() { return static_cast<std::uint64_t>(::syscall(SYS_gettid)); }

bool is_gone(std::uint64_t thread) {
  return ::syscall(SYS_tgkill, ::getpid(), static_cast<pid_t>(thread), 0) != 0 && errno == ESRCH;
}

struct Module {
  std::unique_ptr<std::byte[]> bytes;
  std::uint64_t byte_count = 0, size = 0;
  std::uint8_t p2align = 0;
  bool used = false;

  ThreadImage image() const { return {.bytes = {bytes.get(), byte_count}, .size = size, .p2align = p2align}; }
};

// What is known of a thread that has blocks. The memory that the thread's own pointer is in goes before this.
struct ThreadNode {
  std::uint64_t number = 0;
  std::unique_ptr<TableWord[]> table;
  unsigned round = 0;  // of destructors
  std::uint64_t count() const { return table ? table[0].load(std::memory_order_relaxed) : 0; }
};

void end_thread(void* node);

class ThreadBlocks final : private ForkAware {
 public:
  ThreadBlocks() { enlist(*this, ForkOrder::kRuntime); }

  Expected<std::uint64_t> add(const ThreadImage& image);
  void remove(std::uint64_t index) noexcept;
  std::uint64_t make(std::uint64_t index);
  void leave(ThreadNode& node) noexcept;
  ThreadNode* own(const void* node) noexcept;  // the calling thread's, if that is it
  bool again(ThreadNode& node) { return ++node.round < last_round() && arm(node); }
  ThreadBlockUse use();

 private:
  void before_fork() override;
  void after_fork_in_parent() override { mutex_.unlock(); }
  void after_fork_in_child() override;

  bool make_key();
  bool arm(ThreadNode& node) { return ::pthread_setspecific(*key_, &node) == 0; }
  std::uint64_t take_index();
  void give_index(std::uint64_t index);
  ThreadNode& own_node();
  void grow(ThreadNode& node, std::uint64_t count);
  void free_block(ThreadNode& node, std::uint64_t index) noexcept;
  void free_blocks(ThreadNode& node) noexcept;
  void forget_dead_threads() noexcept;
  std::uint64_t make_locked(std::uint64_t index);

  std::mutex mutex_;
  std::vector<Module> modules_;
  std::vector<std::uint64_t> free_;                        // a heap: the lowest first, so that tables stay short
  std::unordered_map<std::uint64_t, ThreadNode> threads_;  // by the kernel's number
  std::size_t forget_at_ = 16;
  std::size_t block_count_ = 0;
  std::optional<pthread_key_t> key_;
  std::uint64_t forking_ = 0;
};

ThreadBlocks& blocks() { return lasting<ThreadBlocks>(); }

// In a fork's child, a thread may find what one of the parent's, whose stack it has taken over, left in the key.
void end_thread(void* argument) {
  ThreadNode* const node = blocks().own(argument);
  if (node != nullptr && !blocks().again(*node)) blocks().leave(*node);
}

Expected<std::uint64_t> ThreadBlocks::add(const ThreadImage& image) {
  Module module{.bytes = std::make_unique<std::byte[]>(image.bytes.size()),
                .byte_count = image.bytes.size(),
                .size = image.size,
                .p2align = image.p2align,
                .used = true};
  std::ranges::copy(image.bytes, module.bytes.get());
  const std::scoped_lock lock(mutex_);
  if (!make_key()) {
    return std::unexpected(Error(ErrorCode::kRuntime, "pthread_key_create: all keys of the process are in use"));
  }
  if (free_.empty() && modules_.size() == kMaxModuleCount) {
    return std::unexpected(Error(ErrorCode::kMemory, "too many sets with thread-local storage"));
  }
  const std::uint64_t index = take_index();
  modules_[index] = std::move(module);
  if (make_locked(index) != 0) return kFirstThreadModule + index;
  give_index(index);
  return std::unexpected(Error(ErrorCode::kMemory, "no memory for the calling thread's thread-local storage"));
}

void ThreadBlocks::remove(std::uint64_t index) noexcept {
  const std::scoped_lock lock(mutex_);
  if (index >= modules_.size() || !modules_[index].used) return;
  for (auto& [number, node] : threads_) free_block(node, index);
  give_index(index);
}

std::uint64_t ThreadBlocks::make(std::uint64_t index) {
  const std::scoped_lock lock(mutex_);
  return index < modules_.size() && modules_[index].used ? make_locked(index) : 0;
}

std::uint64_t ThreadBlocks::make_locked(std::uint64_t index) {
  try {
    ThreadNode& node = own_node();
    if (index >= node.count()) grow(node, index + 1);
    TableWord& word = node.table[1 + index];
    if (word.load(std::memory_order_relaxed) == 0) {  // a signal handler may have come first
      const std::uint64_t block = make_thread_block(modules_[index].image());
      word.store(block, std::memory_order_relaxed);
      if (block != 0) ++block_count_;
    }
    return word.load(std::memory_order_relaxed);
  } catch (const std::bad_alloc&) {
    return 0;
  }
}

bool ThreadBlocks::make_key() {
  if (key_) return true;
  pthread_key_t key{};
  if (::pthread_key_create(&key, end_thread) != 0) return false;
  key_ = key;
  return true;
}

// Room for the index to come back is made now, so that giving it back cannot fail.
std::uint64_t ThreadBlocks::take_index() {
  if (free_.empty()) {
    modules_.emplace_back();
    free_.reserve(modules_.capacity());
    return modules_.size() - 1;
  }
  std::ranges::pop_heap(free_, std::greater<>());
  const std::uint64_t index = free_.back();
  free_.pop_back();
  return index;
}

void ThreadBlocks::give_index(std::uint64_t index) {
  modules_[index] = {};
  free_.push_back(index);
  std::ranges::push_heap(free_, std::greater<>());
}

// A node of this number that is not this thread's is a dead thread's.
ThreadNode& ThreadBlocks::own_node() {
  const std::uint64_t number = own_number();
  const auto found = threads_.find(number);
  if (found != threads_.end()) {
    if (found->second.table.get() == thread_table()) return found->second;
    free_blocks(found->second);
    threads_.erase(found);
  }
  if (threads_.size() >= forget_at_) forget_dead_threads();
  ThreadNode& node = threads_[number];
  node.number = number;
  arm(node);  // where it fails the thread is found dead some day
  return node;
}

// Doubles, so that many modules are not many copies.
void ThreadBlocks::grow(ThreadNode& node, std::uint64_t count) {
  const std::uint64_t old_count = node.count();
  const std::uint64_t new_count = std::max({count, 2 * old_count, std::uint64_t{7}});
  auto table = std::make_unique<TableWord[]>(1 + new_count);
  table[0].store(new_count, std::memory_order_relaxed);
  for (std::uint64_t i = 1; i <= old_count; ++i) {
    table[i].store(node.table[i].load(std::memory_order_relaxed), std::memory_order_relaxed);
  }
  thread_table() = table.get();
  node.table = std::move(table);
}

void ThreadBlocks::free_block(ThreadNode& node, std::uint64_t index) noexcept {
  if (index >= node.count()) return;
  const std::uint64_t block = node.table[1 + index].exchange(0, std::memory_order_relaxed);
  if (block == 0) return;
  free_thread_block(block, modules_[index].size, modules_[index].p2align);
  --block_count_;
}

void ThreadBlocks::free_blocks(ThreadNode& node) noexcept {
  for (std::uint64_t i = 0; i < node.count(); ++i) free_block(node, i);
}

ThreadNode* ThreadBlocks::own(const void* node) noexcept {
  const std::scoped_lock lock(mutex_);
  const auto found = threads_.find(own_number());
  return found != threads_.end() && &found->second == node ? &found->second : nullptr;
}

void ThreadBlocks::leave(ThreadNode& node) noexcept {
  const std::scoped_lock lock(mutex_);
  free_blocks(node);
  thread_table() = empty_thread_table();
  threads_.erase(node.number);
}

void ThreadBlocks::forget_dead_threads() noexcept {
  for (auto thread = threads_.begin(); thread != threads_.end();) {
    const bool gone = is_gone(thread->first);
    if (gone) free_blocks(thread->second);
    thread = gone ? threads_.erase(thread) : std::next(thread);
  }
  forget_at_ = 2 * threads_.size() + 16;
}

void ThreadBlocks::before_fork() {
  mutex_.lock();
  forking_ = own_number();
}

// The one thread of the child has a new number.
void ThreadBlocks::after_fork_in_child() {
  auto own = threads_.extract(forking_);
  if (own && own.mapped().table.get() != thread_table()) {  // a dead thread's
    free_blocks(own.mapped());
    own = {};
  }
  for (auto& [number, node] : threads_) free_blocks(node);
  threads_.clear();
  if (own) {
    own.key() = own.mapped().number = own_number();
    threads_.insert(std::move(own));
  }
  mutex_.unlock();
}

ThreadBlockUse ThreadBlocks::use() {
  const std::scoped_lock lock(mutex_);
  return {.module_count = modules_.size() - free_.size(), .thread_count = threads_.size(), .block_count = block_count_};
}

}  // namespace

Expected<std::uint64_t> add_thread_blocks(const ThreadImage& image) {
  if (auto done = check_thread_image(image); !done) return std::unexpected(std::move(done).error());
  if (auto done = place_thread_table(); !done) return std::unexpected(std::move(done).error());
  return blocks().add(image);
}

void remove_thread_blocks(std::uint64_t module) noexcept { blocks().remove(module - kFirstThreadModule); }

std::uint64_t make_own_thread_block(std::uint64_t module) noexcept {
  return blocks().make(module - kFirstThreadModule);
}

ThreadBlockUse thread_block_use() { return blocks().use(); }

}  // namespace enfold::runtime
