// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_LINKED_SET_H_
#define ENFOLD_LINKED_SET_H_

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include <enfold/error.h>
#include <enfold/memory.h>
#include <enfold/plan.h>

namespace enfold {

struct SetRecord;

// What relocating touched, counted while it was done; equal to the plan's figures, or the link is wrong.
struct Usage {
  std::uint64_t slot_count = 0, stub_count = 0, slot_size = 0, stub_size = 0;  // entries written and referred to
  std::uint64_t written_size = 0;  // bytes of sections, slots and stubs copied or made
  std::uint64_t relaxed_count = 0;
};

// A live set. Destroying the handle unloads the set, or, where others depend on it, as soon as the last of those goes.
// Ownership: move-only; keeps its session's state alive.
// Threads: look-ups from several threads at once; unload() from one.
class LinkedSet {
 public:
  LinkedSet(LinkedSet&&) noexcept;
  LinkedSet& operator=(LinkedSet&&) noexcept;
  ~LinkedSet();

  std::string_view name() const;

  // The address of a symbol that the set defines and does not hide, or that its options name as a root.
  // Errors: kNotFound.
  Expected<TargetAddr> address(std::string_view symbol) const;

  template <class Signature>
  Expected<Signature*> function(std::string_view symbol) const {
    return pointer<Signature>(symbol);
  }
  template <class T>
  Expected<T*> object(std::string_view symbol) const {
    return pointer<T>(symbol);
  }

  const Plan& plan() const;    // with addresses; empty after unloading
  const Usage& usage() const;

  // Runs the set's exit handlers and finalisers, and gives everything back. Errors: kInUse, with the sets that depend on
  // it; the set then stays as it is.
  Expected<void> unload();

 private:
  friend class Session;
  explicit LinkedSet(std::shared_ptr<SetRecord> record);

  template <class T>
  Expected<T*> pointer(std::string_view symbol) const {
    Expected<TargetAddr> a = address(symbol);
    if (!a) return std::unexpected(std::move(a).error());
    return reinterpret_cast<T*>(value(*a));
  }

  std::shared_ptr<SetRecord> record_;
};

}  // namespace enfold

#endif  // ENFOLD_LINKED_SET_H_
