// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Exit handlers in their two orders. Each stands in a run, which is a stretch of the process's order, and with its
// owner, whose handle it was registered under.
//
//   run 1:  a b a      run 2:  b b a       owner a: 1.1 1.3 2.3      owner b: 1.2 2.1 2.2
#ifndef ENFOLD_RUNTIME_EXIT_OWNERS_H_
#define ENFOLD_RUNTIME_EXIT_OWNERS_H_

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

namespace enfold::runtime {

struct ExitRecord;
struct ExitRun;
struct ExitOwner;

struct ExitLinks {
  ExitRecord* older = nullptr;
  ExitRecord* newer = nullptr;
};

struct ExitRecord {
  void (*function)(void*) = nullptr;
  void* argument = nullptr;
  ExitOwner* owner = nullptr;
  ExitRun* run = nullptr;
  ExitLinks in_run{}, of_owner{};
};

// A list that is added to at one end, and taken from anywhere.
template <ExitLinks ExitRecord::*kLinks>
class ExitStack {
 public:
  bool empty() const { return newest_ == nullptr; }
  ExitRecord* newest() const { return newest_; }
  void push(ExitRecord& record) {
    record.*kLinks = {.older = newest_, .newer = nullptr};
    if (newest_ != nullptr) (newest_->*kLinks).newer = &record;
    newest_ = &record;
  }
  void remove(ExitRecord& record) {
    const ExitLinks links = record.*kLinks;
    if (links.older != nullptr) (links.older->*kLinks).newer = links.newer;
    (links.newer != nullptr ? (links.newer->*kLinks).older : newest_) = links.older;
  }

 private:
  ExitRecord* newest_ = nullptr;
};

// Runs that the C library knows under one handle, so that it can be rid of them by one call.
struct ExitBatch {
  std::uint32_t run_count = 0;   // ever
  std::uint32_t live_count = 0;  // neither dead nor taken by the C library
  bool closed = false;           // no more come to it
};

// Handlers between which nobody else has registered any. The C library has one entry for them all, which points here.
struct ExitRun {
  ExitStack<&ExitRecord::in_run> records;
  ExitBatch* batch = nullptr;
  // It is empty, and no record comes to it any more: it is the C library's call that deletes it.
  std::atomic<bool> dead{false};
};

struct ExitOwner {
  void* handle = nullptr;
  ExitStack<&ExitRecord::of_owner> records;
  std::uint32_t running_count = 0;  // of its handlers, in any thread
  bool in_c_library = false;        // the C library has something under this handle, too
  ExitOwner* next = nullptr;        // in the table

  bool idle() const { return records.empty() && running_count == 0 && !in_c_library; }
};

// Owners by their handles. It takes no memory by itself, since the process's allocator may be a set's, which registers
// exit handlers: who has added or removed some asks for wanted_size(), makes that many buckets, and hands them over. If
// there is no memory for them, searching takes longer.
// Threads: the caller's lock.
class ExitOwners {
 public:
  using Buckets = std::unique_ptr<ExitOwner*[]>;

  ExitOwners() = default;
  ExitOwners(const ExitOwners&) = delete;
  ExitOwners& operator=(const ExitOwners&) = delete;

  ExitOwner* find(void* handle) const {
    ExitOwner* owner = buckets_[bucket_of(handle)];
    while (owner != nullptr && owner->handle != handle) owner = owner->next;
    return owner;
  }

  ExitOwner& add(std::unique_ptr<ExitOwner> owner) {
    ExitOwner*& first = buckets_[bucket_of(owner->handle)];
    owner->next = std::exchange(first, owner.get());
    ++count_;
    return *owner.release();
  }

  std::unique_ptr<ExitOwner> remove(ExitOwner& owner) {
    ExitOwner** link = &buckets_[bucket_of(owner.handle)];
    while (*link != &owner) link = &(*link)->next;
    *link = owner.next;
    --count_;
    return std::unique_ptr<ExitOwner>(&owner);
  }

  std::size_t wanted_size() const {
    if (count_ <= size_ && (size_ == kFirstSize || count_ >= size_ / 8)) return size_;
    return std::bit_ceil(count_ < kFirstSize / 2 ? kFirstSize : 2 * count_);
  }
  std::size_t size() const { return size_; }

  // Gives back those that are no longer needed.
  Buckets resize(Buckets buckets, std::size_t size) {
    const std::span old(buckets_, size_);
    size_ = size;
    buckets_ = buckets.get();
    for (ExitOwner* owner : old) {
      while (owner != nullptr) {
        ExitOwner* const next = owner->next;
        owner->next = std::exchange(buckets_[bucket_of(owner->handle)], owner);
        owner = next;
      }
    }
    return std::exchange(made_, std::move(buckets));
  }

 private:
  static constexpr std::size_t kFirstSize = 64;

  // Handles of sets that are linked one after the other lie side by side, and so do their buckets.
  std::size_t bucket_of(void* handle) const {
    const std::uint64_t line = reinterpret_cast<std::uint64_t>(handle) >> 6;
    return (line + (line >> 14) * 0x9e37'79b9) & (size_ - 1);
  }

  std::array<ExitOwner*, kFirstSize> first_{};
  Buckets made_;
  ExitOwner** buckets_ = first_.data();
  std::size_t size_ = kFirstSize;
  std::size_t count_ = 0;
};

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_EXIT_OWNERS_H_
