// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/address_index.h"

#include <algorithm>
#include <new>
#include <span>
#include <utility>

namespace enfold::runtime {
namespace {

// The table behind `slot`, made if there is none yet. The caller holds the lock.
template <class Table>
Table& make(std::atomic<Table*>& slot) {
  if (Table* there = slot.load()) return *there;
  auto* made = new Table{};
  slot.store(made);
  return *made;
}

}  // namespace

AddressIndex::Region& AddressIndex::make_region(std::uint64_t address) {
  Middle& middle = make(root_[table_entry(address, 2)]);
  return make(middle[table_entry(address, 1)])[table_entry(address, 0)];
}

template <AddressIndex::Tables kTables, class Visit>
void AddressIndex::for_each_heads(AddressRange range, Visit&& visit) {
  const std::uint64_t hi = std::min(range.hi, kLimit);
  for (std::uint64_t at = range.lo; at < hi;) {
    const std::uint64_t end = std::min((at | (kRegionSize - 1)) + 1, hi);
    const std::size_t first = cell_of(at), last = cell_of(end - 1);
    auto* const region = kTables == Tables::kMade ? &make_region(at) : const_cast<Region*>(region_at(at));
    at = end;
    if (region == nullptr) continue;
    if (last - first >= kWide) {
      visit(std::span(&region->wide, 1));
      continue;
    }
    Cells* const cells = kTables == Tables::kMade ? &make(region->cells) : region->cells.load();
    if (cells != nullptr) visit(std::span(*cells).subspan(first, last - first + 1));
  }
}

void AddressIndex::enlist_once() {
  std::call_once(enlisting_, [this] {
    enlist(*this, ForkOrder::kRuntime);
    enlisted_.store(true, std::memory_order_release);
  });
}

AddressIndex::Made::~Made() {
  while (first != nullptr) index.nodes_.give_back(std::exchange(first, first->next.load(std::memory_order_relaxed)));
}

// The caller holds the lock, as for all that follows.
void AddressIndex::make_nodes(AddressRange range, std::uint64_t value, Made& made, std::uint64_t tag) {
  for_each_heads<Tables::kMade>(range, [&](std::span<Head> heads) {
    for (Head& head : heads) {
      const auto later = reinterpret_cast<std::uintptr_t>(&head);
      auto* const node = ::new (nodes_.take())
          Node{.next = made.first, .range = range, .value = value, .tag = tag, .later = later};
      made.first = node;
    }
  });
}

void AddressIndex::link_nodes(Made& made) noexcept {
  while (made.first != nullptr) {
    Node* const node = std::exchange(made.first, made.first->next.load(std::memory_order_relaxed));
    Head& head = *reinterpret_cast<Head*>(node->later);
    node->next.store(head.load(std::memory_order_relaxed), std::memory_order_relaxed);
    head.store(node, std::memory_order_release);
  }
}

template <class Matches, class Visit>
void AddressIndex::for_each_link(AddressRange range, Matches&& matches, Visit&& visit) {
  for_each_heads<Tables::kAsTheyAre>(range, [&](std::span<Head> heads) {
    for (Head& head : heads) {
      Head* link = &head;
      Node* node = link->load(std::memory_order_relaxed);
      for (; node != nullptr && !(node->range == range && matches(*node)); node = link->load(std::memory_order_relaxed))
        link = &node->next;
      if (node != nullptr) visit(*link);
    }
  });
}

// Moves the node from its list to those taken out. A reader that is at it goes on from there: its own link stays.
void AddressIndex::unlink(Head& link) noexcept {
  Node* const node = link.load(std::memory_order_relaxed);
  link.store(node->next.load(std::memory_order_relaxed));
  node->later = reinterpret_cast<std::uintptr_t>(fresh_);
  fresh_ = node;
}

bool AddressIndex::unlink(AddressRange range, std::uint64_t value) noexcept {
  bool any = false;
  const auto is_its = [&](const Node& node) { return node.value == value; };
  for_each_link(range, is_its, [&](Head& link) {
    unlink(link);
    any = true;
  });
  return any;
}

// Whoever has inserted the range has a node in all of its lists.
void AddressIndex::tag(AddressRange range, std::uint64_t value) {
  if (!enlisted_.load(std::memory_order_acquire)) enlist_once();
  const std::scoped_lock lock(lock_);
  bool shared = false;
  const auto is_free = [](const Node& node) { return node.tag.load(std::memory_order_relaxed) == 0; };
  for_each_link(range, is_free, [&](Head& link) {
    link.load(std::memory_order_relaxed)->tag.store(value, std::memory_order_release);
    shared = true;
  });
  if (shared) return;
  Made made{*this};
  make_nodes(range, 0, made, value);
  link_nodes(made);
}

void AddressIndex::untag(AddressRange range, std::uint64_t value) noexcept {
  bool any = false;
  Values unread;
  {
    const std::scoped_lock lock(lock_);
    const auto has_it = [&](const Node& node) { return node.tag.load(std::memory_order_relaxed) == value; };
    for_each_link(range, has_it, [&](Head& link) {
      Node& node = *link.load(std::memory_order_relaxed);
      if (node.value != 0) return node.tag.store(0);
      unlink(link);
      any = true;
    });
    if (any) unread = free_unread();
  }
  if (any) tell(unread);
}

// What waited is unread when every counter of readers was seen at zero since.
void AddressIndex::note_unread() noexcept {
  constexpr std::uint32_t kAll = (1u << kShardCount) - 1;
  if (waiting_ == nullptr) {
    waiting_ = std::exchange(fresh_, nullptr);
    unseen_ = kAll;
  }
  if (waiting_ == nullptr) return;
  std::uint32_t busy = 0;
  for (std::uint32_t i = 0; i < kShardCount; ++i) busy |= std::uint32_t{shards_[i].readers.load() != 0} << i;
  unseen_ &= busy;
  if (unseen_ == 0) unread_ = std::exchange(waiting_, nullptr);
}

// Nodes that no reader can have any more: those that waited, and those behind them where nobody reads. Returns whose
// they were, or as many of those as it can: there may be more where it is full.
AddressIndex::Values AddressIndex::free_unread() noexcept {
  Values values;
  for (int batch = 0; batch < 2; ++batch) {
    if (unread_ == nullptr) note_unread();
    while (unread_ != nullptr && !values.full()) {
      Node* const node = std::exchange(unread_, reinterpret_cast<Node*>(unread_->later & ~kLast));
      if ((node->later & kLast) != 0) values.add(node->value);
      nodes_.give_back(node);
    }
  }
  return values;
}

// Outside the lock: who is told may use the index.
void AddressIndex::tell(Values unread) noexcept {
  for (;;) {
    for (std::size_t i = 0; freed_ != nullptr && i < unread.count; ++i) freed_(unread.values[i]);
    if (!unread.full()) return;
    const std::scoped_lock lock(lock_);
    unread = free_unread();
  }
}

// Nobody waits for more than one chunk.
void AddressIndex::trim() noexcept {
  static std::atomic<std::uint64_t> last_round{0};
  const std::uint64_t round = ++last_round;
  for (bool more = true; more;) {
    const std::scoped_lock lock(lock_);
    more = nodes_.trim_one(round);
  }
}

void AddressIndex::before_fork() { lock_.lock(); }
void AddressIndex::after_fork_in_parent() { lock_.unlock(); }

// Only the forking thread is left of the readers, and it does not read.
void AddressIndex::after_fork_in_child() {
  for (Shard& shard : shards_) shard.readers.store(0);
  lock_.unlock();
}

}  // namespace enfold::runtime
