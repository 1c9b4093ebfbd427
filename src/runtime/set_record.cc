// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/set_record.h"

#include <atomic>
#include <mutex>

#include "fork.h"
#include "large_memory.h"
#include "lock.h"
#include "slab.h"

namespace enfold {
namespace {

constexpr std::size_t kWorthBringingIn = std::size_t{64} << 10;

// The memory of records, as trim_records() knows it: its type depends on the C++ library's.
class Trimmed {
 public:
  virtual void trim() noexcept = 0;

 protected:
  ~Trimmed() = default;
};
constinit std::atomic<Trimmed*> to_be_trimmed{nullptr};

// The records of all sets of the process. Its lock is the last that anybody takes, as a record may go wherever the last
// that held it lets go.
template <std::size_t kSize>
class RecordMemory final : private ForkAware, private Trimmed {
 public:
  RecordMemory() {
    enlist(*this, ForkOrder::kMemory);
    to_be_trimmed.store(this);
  }

  void* take() {
    const std::scoped_lock lock(lock_);
    return slab_.take();
  }
  void give_back(void* record) noexcept {
    const std::scoped_lock lock(lock_);
    slab_.give_back(record);
  }

 private:
  static_assert(kSize <= Slab::kGreatestPiece);

  // Nobody waits for more than one chunk.
  void trim() noexcept override {
    const std::uint64_t round = ++last_round_;
    for (bool more = true; more;) {
      const std::scoped_lock lock(lock_);
      more = slab_.trim_one(round);
    }
  }
  void before_fork() override { lock_.lock(); }
  void after_fork_in_parent() override { lock_.unlock(); }
  void after_fork_in_child() override { lock_.unlock(); }

  Lock lock_;
  Slab slab_{kSize};
  std::atomic<std::uint64_t> last_round_{0};
};

// For one item at a time: a record with its counts of references.
template <class T>
class RecordAllocator {
 public:
  using value_type = T;

  RecordAllocator() = default;
  template <class U>
  // NOLINTNEXTLINE(google-explicit-constructor): of another type of items
  RecordAllocator(const RecordAllocator<U>&) {}

  T* allocate(std::size_t) { return static_cast<T*>(lasting<RecordMemory<sizeof(T)>>().take()); }
  void deallocate(T* record, std::size_t) noexcept { lasting<RecordMemory<sizeof(T)>>().give_back(record); }

  friend bool operator==(const RecordAllocator&, const RecordAllocator&) { return true; }
};

}  // namespace

std::shared_ptr<SetRecord> make_record() { return std::allocate_shared<SetRecord>(RecordAllocator<SetRecord>()); }

void trim_records() noexcept {
  if (Trimmed* const records = to_be_trimmed.load()) records->trim();
}

std::string quoted(const SetRecord& set) {
  const bool many = set.versions && (set.versions->number != 1 || set.retired());
  const std::string name = "'" + std::string(set.name) + "'";
  return many ? name + " (version " + std::to_string(set.versions->number) + ")" : name;
}

std::byte* SetRecord::make_storage(std::size_t size) {
  if (size <= room.size()) return room.data();
  storage = std::make_unique_for_overwrite<std::byte[]>(size);
  if (size >= kWorthBringingIn) bring_in(storage.get(), size);
  return storage.get();
}

}  // namespace enfold
