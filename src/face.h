// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a replaceable set is known by: a stub for each function that it exports, which jumps through a slot. Others call
// the stub and hold its address; replacing the set switches the slots. So the stubs outlive every version, and lie in
// blocks of their own:
//
//    user ──call──> stub f ──jmp *slot──> f of version 1          replace()          f of version 2
//                     ^                                  ───────────────────────>
//    pointers to f ───┘
#ifndef ENFOLD_FACE_H_
#define ENFOLD_FACE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <enfold/memory.h>

namespace enfold {

struct SetRecord;
struct FaceStubs;  // what describe() knows of a block of stubs; see runtime/describe.h
void hide_stubs(FaceStubs* stubs) noexcept;

// Threads: the session's lock, once a version is published.
struct Face {
  struct Entry {
    TargetAddr stub{}, slot{};
    SetRecord* version = nullptr;  // that the slot leads to: the set itself, or an earlier version that it keeps alive
  };

  // Ownership: gives the blocks back to `memory`.
  explicit Face(std::shared_ptr<MemoryProvider> provider) : memory(std::move(provider)) {}
  Face(const Face&) = delete;
  Face& operator=(const Face&) = delete;
  ~Face() {
    for (FaceStubs* known : described) hide_stubs(known);
    for (Block& block : blocks) memory->release(block);
  }

  const Entry* find(std::string_view name) const {
    const auto found = entries.find(name);
    return found == entries.end() ? nullptr : &found->second;
  }

  std::shared_ptr<MemoryProvider> memory;
  std::vector<Block> blocks;
  std::vector<FaceStubs*> described;  // of those
  std::map<std::string, Entry, std::less<>> entries;  // by symbol
};

}  // namespace enfold

#endif  // ENFOLD_FACE_H_
