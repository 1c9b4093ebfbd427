// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/address_index.h"

#include <algorithm>
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

// The lists that a range is in. Without `make`, those that there are.
template <class Visit>
void AddressIndex::for_each_head(AddressRange range, bool make_tables, Visit&& visit) {
  const std::uint64_t hi = std::min(range.hi, kLimit);
  for (std::uint64_t at = range.lo; at < hi;) {
    const std::uint64_t end = std::min((at | (kRegionSize - 1)) + 1, hi);
    const std::size_t first = cell_of(at), last = cell_of(end - 1);
    auto* region = make_tables ? &make_region(at) : const_cast<Region*>(region_at(at));
    at = end;
    if (region == nullptr) continue;
    if (last - first >= kWide) {
      visit(region->wide);
      continue;
    }
    Cells* cells = make_tables ? &make(region->cells) : region->cells.load();
    for (std::size_t i = first; cells != nullptr && i <= last; ++i) visit((*cells)[i]);
  }
}

AddressIndex::Nodes::~Nodes() {
  while (first != nullptr) delete std::exchange(first, reinterpret_cast<Node*>(first->later));
}

void AddressIndex::enlist_once() {
  std::call_once(enlisted_, [this] { enlist(*this, ForkOrder::kRuntime); });
}

// The caller holds the lock.
void AddressIndex::make_nodes(AddressRange range, std::uint64_t value, Nodes& nodes) {
  for_each_head(range, true, [&](Head&) {
    auto* node = new Node;
    node->value = value;
    node->later = reinterpret_cast<std::uintptr_t>(nodes.first);
    nodes.first = node;
  });
}

// Likewise, and they were made for it.
void AddressIndex::link_nodes(AddressRange range, Nodes& nodes) noexcept {
  for_each_head(range, false, [&](Head& head) {
    Node* node = std::exchange(nodes.first, reinterpret_cast<Node*>(nodes.first->later));
    node->range = range;
    node->next.store(head.load(std::memory_order_relaxed), std::memory_order_relaxed);
    head.store(node);
  });
}

// A reader that is at the node goes on from it: its own link stays. The caller holds the lock.
bool AddressIndex::unlink(AddressRange range, std::uint64_t value) {
  bool any = false;
  for_each_head(range, false, [&](Head& head) {
    for (Head* link = &head; Node* node = link->load(std::memory_order_relaxed); link = &node->next) {
      if (node->value != value || node->range != range) continue;
      link->store(node->next.load(std::memory_order_relaxed));
      node->later = reinterpret_cast<std::uintptr_t>(fresh_);
      fresh_ = node;
      any = true;
      return;
    }
  });
  return any;
}

// Batches of nodes that no reader can have any more: those that waited, and those behind them where nobody reads.
// `any`: some of one value were taken out just now. The caller holds the lock.
AddressIndex::Unread AddressIndex::take_unread(bool any) {
  constexpr std::uint32_t kAll = (1u << kShardCount) - 1;
  if (any) fresh_->later |= kLast;
  Unread unread{};
  for (Node*& batch : unread) {
    if (waiting_ == nullptr) {
      waiting_ = std::exchange(fresh_, nullptr);
      unseen_ = kAll;
    }
    for (std::size_t i = 0; waiting_ != nullptr && i < kShardCount; ++i) {
      if (shards_[i].readers.load() == 0) unseen_ &= ~(1u << i);
    }
    if (waiting_ == nullptr || unseen_ != 0) break;
    batch = std::exchange(waiting_, nullptr);
  }
  return unread;
}

// Outside the lock: who is told may use the index.
void AddressIndex::free_nodes(const Unread& unread) {
  for (Node* nodes : unread) {
    while (nodes != nullptr) {
      const Node* node = std::exchange(nodes, reinterpret_cast<Node*>(nodes->later & ~kLast));
      const bool last = (node->later & kLast) != 0;
      const std::uint64_t value = node->value;
      delete node;
      if (last && freed_ != nullptr) freed_(value);
    }
  }
}

void AddressIndex::before_fork() { mutex_.lock(); }
void AddressIndex::after_fork_in_parent() { mutex_.unlock(); }

// Only the forking thread is left of the readers, and it does not read.
void AddressIndex::after_fork_in_child() {
  for (Shard& shard : shards_) shard.readers.store(0);
  mutex_.unlock();
}

}  // namespace enfold::runtime
