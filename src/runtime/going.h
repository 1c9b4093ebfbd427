// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_RUNTIME_GOING_H_
#define ENFOLD_RUNTIME_GOING_H_

#include <memory>
#include <utility>

#include "runtime/set_record.h"

namespace enfold {

// Sets that were taken out of their session, in the order in which they go. A list without memory of its own, since
// giving back must not take any: each record holds the next. A set is in one such list at most.
class Going {
 public:
  Going() = default;
  Going(Going&& other) noexcept : first_(std::move(other.first_)), last_(std::exchange(other.last_, nullptr)) {}
  Going& operator=(Going&&) = delete;
  ~Going() {
    while (!empty()) pop();  // one by one: a chain of a million is no recursion
  }

  bool empty() const { return first_ == nullptr; }

  // It goes before all others.
  void push(std::shared_ptr<SetRecord> set) noexcept {
    SetRecord& record = *set;
    if (empty()) last_ = &record;
    record.behind = std::exchange(first_, std::move(set));
  }
  // It goes after all others.
  void push_last(std::shared_ptr<SetRecord> set) noexcept {
    if (empty()) return push(std::move(set));
    SetRecord& before = *std::exchange(last_, set.get());
    before.behind = std::move(set);
  }
  std::shared_ptr<SetRecord> pop() noexcept {
    std::shared_ptr<SetRecord> set = std::move(first_);
    first_ = std::move(set->behind);
    return set;
  }

 private:
  std::shared_ptr<SetRecord> first_;
  SetRecord* last_ = nullptr;  // unless it is empty
};

}  // namespace enfold

#endif  // ENFOLD_RUNTIME_GOING_H_
