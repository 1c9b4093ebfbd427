// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "pins.h"

#include <algorithm>

namespace enfold {
namespace {

constexpr std::size_t kFew = 8;

}  // namespace

thread_local constinit Pins* Pins::innermost_ = nullptr;

Pins::~Pins() {
  innermost_ = outer_;
  if (!pinned_.empty()) unpin(state_, std::move(pinned_));
}

// Atomic, because others pin under a reader's lock, too.
void Pins::add(SetRecord& set) {
  if (!known_) {
    if (std::ranges::find(pinned_, &set, &std::shared_ptr<SetRecord>::get) != pinned_.end()) return;
    if (pinned_.size() == kFew) {
      known_.emplace();
      for (const auto& pinned : pinned_) known_->insert(pinned.get());
    }
  }
  if (known_ && !known_->insert(&set).second) return;
  pinned_.push_back(set.shared_from_this());  // where that throws, the link ends that asks
  set.pin_count.fetch_add(1);
}

void Pins::adopt(const std::shared_ptr<SetRecord>& set) {
  try {
    pinned_.push_back(set);
  } catch (...) {
    set->pin_count.fetch_sub(1);  // nobody else knows of it
    throw;
  }
}

void Pins::recount(Session::State& state) {
  for (SetRecord* set : state.sets) set->pin_count = 0;
  for (const Pins* pins = innermost_; pins != nullptr; pins = pins->outer_) {
    if (&pins->state_ != &state) continue;
    for (const auto& set : pins->pinned_) set->pin_count.fetch_add(1);
  }
}

}  // namespace enfold
