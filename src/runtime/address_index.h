// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From an address to whose it is, and to the unwind table of what lies there, among any number of ranges that come and
// go. One index answers both: many a tiny set has one range, that of its code.
//
// An unwinder asks for each frame, in any thread, at times from a signal handler, and while other threads link and
// unload: reading takes no lock, allocates nothing and waits for nobody. Tiny sets are linked and unloaded by the ten
// thousand, so a range costs one small node, and nothing grows with the number of ranges:
//
//   address:  | root 9 bits | middle 9 bits | region 9 bits (1 MiB) | cell 10 bits (1 KiB) | 10 bits |
//
//   region ── wide: ranges with 32 cells and more of it; at most 32, as live ranges do not overlap
//          └─ cells, made with the first range that is not wide: the list of those that have a byte of it
//
// The tables, 2% of the address space that ranges ever had, stay for good. What is taken out may still be read, so its
// nodes are freed when every counter of readers was seen at zero since: at once, unless somebody reads just then.
#ifndef ENFOLD_RUNTIME_ADDRESS_INDEX_H_
#define ENFOLD_RUNTIME_ADDRESS_INDEX_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include <enfold/memory.h>

#include "fork.h"
#include "lock.h"
#include "slab.h"

namespace enfold::runtime {

// For static storage only: it has no destructor, so that code which runs at the process's end may still unwind.
// Threads: all functions may be called from several threads at once; find() also from signal handlers and, in a child
// of fork(2), whatever other threads did in the parent.
class AddressIndex final : private ForkAware {
 public:
  // Told of each value whose ranges were taken out, when no reader can have it any more.
  using Freed = void (*)(std::uint64_t value);

  constexpr explicit AddressIndex(Freed freed = nullptr) : freed_(freed) {}

  // Values are not 0. Several may have the same range. Ranges beyond 2^47 are not kept. Throws std::bad_alloc, and then
  // has none of them.
  // `each_range` calls what it is given with each of them, whenever it is called.
  template <class EachRange>
  void insert_all(EachRange&& each_range, std::uint64_t value) {
    if (!enlisted_.load(std::memory_order_acquire)) enlist_once();
    const std::scoped_lock lock(lock_);
    Made made{*this};  // what may fail comes first: tables and nodes
    each_range([&](AddressRange range) { make_nodes(range, value, made); });
    link_nodes(made);
  }
  void insert(AddressRange range, std::uint64_t value) {
    insert_all([&](auto&& visit) { visit(range); }, value);
  }

  // The ranges that were inserted with that value; those that were not are none of its business. Allocates nothing.
  template <class EachRange>
  void erase_all(EachRange&& each_range, std::uint64_t value) noexcept {
    bool any = false;
    Values unread;
    {
      const std::scoped_lock lock(lock_);
      each_range([&](AddressRange range) { any = unlink(range, value) || any; });
      if (any) fresh_->later |= kLast;
      unread = free_unread();
    }
    if (!any) unread.add(value);
    tell(unread);
  }
  void erase(AddressRange range, std::uint64_t value) noexcept {
    erase_all([&](auto&& visit) { visit(range); }, value);
  }

  // Gives the system what nodes that went have left.
  void trim() noexcept;

  // A second value of a range, found on its own. Where somebody inserted that very range, it shares the node, and goes
  // with it, unless it was taken back before. Throws std::bad_alloc.
  void tag(AddressRange range, std::uint64_t value);
  void untag(AddressRange range, std::uint64_t value) noexcept;

  // Calls visit(range, value) for the ranges that hold the address until one call gives true, and says whether one did.
  // A value outlives the call, not its return. Visitors must neither insert nor erase.
  template <class Visit>
  bool find(std::uint64_t address, Visit&& visit) const {
    return find_node(address, [&](const Node& node) { return node.value != 0 && visit(node.range, node.value); });
  }
  // The same for the second values.
  template <class Visit>
  bool find_tag(std::uint64_t address, Visit&& visit) const {
    return find_node(address, [&](const Node& node) {
      const std::uint64_t tag = node.tag.load();
      return tag != 0 && visit(node.range, tag);
    });
  }

 private:
  struct Node {
    std::atomic<Node*> next{nullptr};
    AddressRange range{};
    std::uint64_t value = 0;            // 0: it has a tag alone
    std::atomic<std::uint64_t> tag{0};  // 0: it has none
    std::uintptr_t later = 0;  // the list that it is to be in, then the next to be freed; kLast: the last of its value
  };
  static constexpr std::uintptr_t kLast = 1;

  static constexpr unsigned kCellBits = 10, kRegionBits = 20, kTableBits = 9;
  static constexpr std::uint64_t kRegionSize = std::uint64_t{1} << kRegionBits;
  static constexpr std::uint64_t kLimit = std::uint64_t{1} << (kRegionBits + 3 * kTableBits);
  static constexpr std::size_t kCellCount = std::size_t{1} << (kRegionBits - kCellBits);
  static constexpr std::size_t kTableSize = std::size_t{1} << kTableBits;
  static constexpr std::size_t kWide = 32;  // cells
  static constexpr std::size_t kShardCount = 8;

  using Head = std::atomic<Node*>;
  using Cells = std::array<Head, kCellCount>;
  struct Region {
    Head wide{nullptr};
    std::atomic<Cells*> cells{nullptr};
  };
  using Regions = std::array<Region, kTableSize>;
  using Middle = std::array<std::atomic<Regions*>, kTableSize>;
  using Root = std::array<std::atomic<Middle*>, kTableSize>;
  struct alignas(64) Shard {
    std::atomic<std::int64_t> readers{0};
  };

  // Sequentially consistent, as is taking out: who frees sees no reader, or the reader sees what was taken out.
  class Reading {
   public:
    explicit Reading(const AddressIndex& index) : readers_(index.shards_[shard()].readers) { readers_.fetch_add(1); }
    ~Reading() { readers_.fetch_sub(1); }
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;

   private:
    static std::size_t shard() {
      const auto thread = reinterpret_cast<std::uintptr_t>(__builtin_thread_pointer());
      return ((thread >> 12) * 0x9e37'79b9'7f4a'7c15u) >> 61;
    }
    std::atomic<std::int64_t>& readers_;
  };

  static std::size_t cell_of(std::uint64_t address) { return (address >> kCellBits) & (kCellCount - 1); }
  static std::size_t table_entry(std::uint64_t address, unsigned level) {
    return (address >> (kRegionBits + level * kTableBits)) & (kTableSize - 1);
  }
  const Region* region_at(std::uint64_t address) const {
    const Middle* middle = root_[table_entry(address, 2)].load();
    if (middle == nullptr) return nullptr;
    const Regions* regions = (*middle)[table_entry(address, 1)].load();
    return regions == nullptr ? nullptr : &(*regions)[table_entry(address, 0)];
  }

  template <class Visit>
  bool find_node(std::uint64_t address, Visit&& visit) const {
    if (address >= kLimit) return false;
    const Reading reading(*this);
    const Region* region = region_at(address);
    if (region == nullptr) return false;
    const auto search = [&](const Head& head) {
      for (const Node* node = head.load(); node != nullptr; node = node->next.load()) {
        if (node->range.lo <= address && address < node->range.hi && visit(*node)) return true;
      }
      return false;
    };
    const Cells* cells = region->cells.load();
    return (cells != nullptr && search((*cells)[cell_of(address)])) || search(region->wide);
  }

  // Some that no reader has any more.
  struct Values {
    static constexpr std::size_t kMost = 3;
    std::array<std::uint64_t, kMost + 1> values{};  // with room for one that had no ranges
    std::size_t count = 0;

    void add(std::uint64_t value) { values[count++] = value; }
    bool full() const { return count >= kMost; }
  };

  // Not in their lists yet.
  struct Made {
    AddressIndex& index;
    Node* first = nullptr;
    ~Made();
  };

  void enlist_once();
  void make_nodes(AddressRange range, std::uint64_t value, Made& made, std::uint64_t tag = 0);
  static void link_nodes(Made& made) noexcept;
  Region& make_region(std::uint64_t address);
  // Calls visit(span of Head) with the lists that a range is in: all, or those that there are.
  enum class Tables : bool { kAsTheyAre, kMade };
  template <Tables kTables, class Visit>
  void for_each_heads(AddressRange range, Visit&& visit);
  // Calls visit(link) with what points to the first such node of each list that the range is in.
  template <class Matches, class Visit>
  void for_each_link(AddressRange range, Matches&& matches, Visit&& visit);
  void unlink(Head& link) noexcept;
  bool unlink(AddressRange range, std::uint64_t value) noexcept;
  Values free_unread() noexcept;
  void note_unread() noexcept;
  void tell(Values unread) noexcept;

  void before_fork() override;
  void after_fork_in_parent() override;
  void after_fork_in_child() override;

  Root root_{};
  mutable std::array<Shard, kShardCount> shards_{};
  const Freed freed_;

  Lock lock_;
  // Guarded by it. Taken out since the nodes of `waiting_` began to wait; those; the counters not seen at zero since;
  // those that no reader can have any more.
  Node* fresh_ = nullptr;
  Node* waiting_ = nullptr;
  std::uint32_t unseen_ = 0;
  Node* unread_ = nullptr;
  Slab nodes_{sizeof(Node)};
  std::once_flag enlisting_;
  std::atomic<bool> enlisted_{false};
};

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_ADDRESS_INDEX_H_
