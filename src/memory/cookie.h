// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a provider has to know of a block besides its segments, in the one word that the block has for it. The low bits
// tell which kind of block it is; pointers have zeros there.
#ifndef ENFOLD_MEMORY_COOKIE_H_
#define ENFOLD_MEMORY_COOKIE_H_

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <enfold/memory.h>

#include "memory/address_space.h"

namespace enfold::memory {

// Where a small block's code and constants are put together, if they are to be written by force.
struct alignas(16) Staging {
  std::size_t size;
  std::uintptr_t generation;

  std::byte* bytes() { return reinterpret_cast<std::byte*>(this + 1); }
  bool holds(const std::byte* working) { return bytes() <= working && working < bytes() + size; }

  // Zeros. Null: no memory.
  static Staging* make(std::size_t size, std::uintptr_t generation) {
    auto* staging = static_cast<Staging*>(std::calloc(1, sizeof(Staging) + size));
    if (staging == nullptr) return nullptr;
    staging->size = size;
    staging->generation = generation;
    return staging;
  }
};

class Cookie {
 public:
  explicit Cookie(void* raw) : bits_(reinterpret_cast<std::uintptr_t>(raw)) {}
  void* raw() const { return reinterpret_cast<void*>(bits_); }

  // A block with pages of its own, in a window.
  static Cookie of_pages(const Run& run) {
    const Cookie cookie(run.window);
    return run.anonymous ? cookie : cookie.with_file();
  }
  Cookie with_file() const { return Cookie(bits_ | kFile); }
  Run run(AddressRange extent) const {
    return {.window = reinterpret_cast<Window*>(bits_ & ~kTags), .range = extent, .anonymous = (bits_ & kFile) == 0};
  }

  // A block that the dynamic linker maps. Until it is handed over, its addresses are reserved.
  static Cookie of_loader() { return Cookie(kStaged); }
  bool is_for_loader() const { return (bits_ & (kSmallBlock | kStaged)) == kStaged; }
  Cookie handed_over() const { return Cookie(bits_ | kHandedOver); }
  bool is_handed_over() const { return (bits_ & kHandedOver) != 0; }

  // A small block; `generation` counts the forks that led to the process it was reserved in.
  static Cookie of_small(std::uintptr_t generation) { return Cookie(generation << kShift | kSmallBlock); }
  static Cookie of_small(Staging* staging) {
    return Cookie(reinterpret_cast<std::uintptr_t>(staging) | kSmallBlock | kStaged);
  }
  bool is_small() const { return (bits_ & kSmallBlock) != 0; }
  Staging* staging() const { return (bits_ & kStaged) != 0 ? reinterpret_cast<Staging*>(bits_ & ~kTags) : nullptr; }
  std::uintptr_t generation() const { return staging() != nullptr ? staging()->generation : bits_ >> kShift; }

 private:
  static constexpr int kShift = 3;
  static constexpr std::uintptr_t kSmallBlock = 1;
  static constexpr std::uintptr_t kStaged = 2;
  static constexpr std::uintptr_t kFile = 4;
  static constexpr std::uintptr_t kHandedOver = 8;  // of those that have no pointer
  static constexpr std::uintptr_t kTags = kSmallBlock | kStaged | kFile;

  explicit Cookie(std::uintptr_t bits) : bits_(bits) {}

  std::uintptr_t bits_;
};

}  // namespace enfold::memory

#endif  // ENFOLD_MEMORY_COOKIE_H_
