// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_LINKED_SET_H_
#define ENFOLD_LINKED_SET_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <enfold/error.h>
#include <enfold/memory.h>
#include <enfold/plan.h>

namespace enfold {

struct SetRecord;

// What relocating touched, counted while it was done; equal to the plan's figures, or the link is wrong.
struct Usage {
  std::uint64_t slot_count = 0, stub_count = 0, slot_size = 0, stub_size = 0;  // entries written and referred to
  std::uint64_t written_size = 0;  // bytes of sections, slots, stubs and unwinding's search tables copied or made
  std::uint64_t relaxed_count = 0;
  std::uint64_t shared_slot_count = 0, shared_stub_count = 0;  // of earlier sets, referred to
};

// What one set has of another.
enum class UseKind : std::uint8_t {
  kBinding,     // binds to a symbol by its address, or a replaceable set's stub
  kDataSlot,    // reaches data of a replaceable set through a slot of its own
  kDirectData,  // addresses data of a replaceable set directly: a new version has to keep that data where it is
  kSharedSlot,
  kSharedStub,
  kState,       // goes on with data of the version it replaced
  kStubs,       // has stubs that still lead to functions of the version it replaced
  kSuccessor,   // was replaced by it, and calls it where it calls through stubs
};
std::string_view name(UseKind kind);

struct SetUse {
  std::string set;     // that uses
  std::string symbol;  // that it uses
  UseKind kind = UseKind::kBinding;
};

// A live set. Destroying the handle unloads the set, or, where others depend on it, as soon as the last of those goes.
// Ownership: move-only; keeps its session's state alive.
// Threads: look-ups from several threads at once; unload(), moving and destroying from one. Session::unload_all may
// unload the set at any time: look-ups then fail.
class LinkedSet {
 public:
  LinkedSet(LinkedSet&&) noexcept;
  LinkedSet& operator=(LinkedSet&&) noexcept;
  ~LinkedSet();

  std::string_view name() const;

  // The address of a symbol that the set defines and does not hide, or that its options name as a root.
  // A function's address in a replaceable set stays good when the set is replaced. A thread-local's is the calling
  // thread's.
  // Errors: kNotFound, of any symbol once the set is unloaded.
  Expected<TargetAddr> address(std::string_view symbol) const;

  template <class Signature>
  Expected<Signature*> function(std::string_view symbol) const {
    return pointer<Signature>(symbol);
  }
  template <class T>
  Expected<T*> object(std::string_view symbol) const {
    return pointer<T>(symbol);
  }

  // With addresses, in the detail that the session's options ask for; nothing where they ask for none.
  const Plan& plan() const;
  const Usage& usage() const;

  // Who depends on the set, symbol by symbol.
  std::vector<SetUse> users() const;

  // Runs the set's exit handlers and finalisers, and gives everything back. Code that is running is the caller's duty.
  // Errors: kInUse, with a cause for each use by another set; the set then stays as it is.
  Expected<void> unload();

 private:
  friend class ObjectSet;
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
