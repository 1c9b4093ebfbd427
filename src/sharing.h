// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What one set lets later ones share: slots that hold, and stubs that lead to, one address for good.
#ifndef ENFOLD_SHARING_H_
#define ENFOLD_SHARING_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include <enfold/memory.h>

namespace enfold {

struct SetRecord;

struct SharedEntry {
  std::uint64_t target = 0;  // what the slot holds, or the stub leads to
  TargetAddr address{};      // of the slot or stub
};

// Ownership: the views are the set's, which is held.
struct SharingSet {
  std::shared_ptr<SetRecord> set;
  std::string_view name;
  std::span<const SharedEntry> slots, stubs;  // by target
};

}  // namespace enfold

#endif  // ENFOLD_SHARING_H_
