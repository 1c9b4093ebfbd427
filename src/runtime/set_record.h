// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What remains of a link once its set is live: what it takes to find the set's symbols and to undo the set. The input
// bytes and the link's own tables are gone by then.
#ifndef ENFOLD_RUNTIME_SET_RECORD_H_
#define ENFOLD_RUNTIME_SET_RECORD_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <enfold/linked_set.h>
#include <enfold/memory.h>
#include <enfold/plan.h>
#include <enfold/session.h>

namespace enfold {

struct ExportedSymbol {
  std::string name;
  TargetAddr address{};
  std::uint64_t size = 0;
  HostSymbolKind kind = HostSymbolKind::kUnknown;
  bool strong = false;
  bool unique = false;
  bool local = false;  // for the set's handle only: hidden roots, and unique symbols that another definition serves
};

struct FrameTable {
  TargetAddr begin{};
  std::uint64_t size = 0;
};

// Threads: everything but `dependents`, `pin_count`, `orphaned` and `phase` is fixed once the set is published; those
// are guarded by the session's lock, `phase` is atomic.
struct SetRecord : std::enable_shared_from_this<SetRecord> {
  enum class Phase : std::uint8_t { kLinking, kLive, kFinalised, kUnloaded };

  std::shared_ptr<Session::State> session;
  std::string name;
  Plan plan;
  Usage usage;
  Visibility visibility = Visibility::kSession;
  std::vector<ExportedSymbol> exports;  // by name
  Block block;
  bool reserved = false, exit_registered = false;
  std::vector<FrameTable> frames;
  std::vector<void*> libraries;
  std::vector<TargetAddr> handles;        // __dso_handle of each zone
  std::vector<TargetAddr> initialisers, finalisers;  // in the order in which they run
  std::vector<std::shared_ptr<SetRecord>> dependencies;

  std::vector<SetRecord*> dependents;
  std::uint32_t pin_count = 0;  // links under way that bind to it
  bool orphaned = false;        // its handle is gone: unload with the last dependent
  std::atomic<Phase> phase{Phase::kLinking};

  const ExportedSymbol* find(std::string_view symbol) const;
};

// Runs the initialisers: preinit arrays, then init arrays.
void run_initialisers(SetRecord& set);

// Runs the set's exit handlers, then its finalisers, once.
void run_finalisers(SetRecord& set);

// The exit handler of every set: runs its finalisers. Registered before the first initialiser runs, so that it
// comes after everything that the set registers itself, as in a program.
void finalise_at_exit(void* set);

// Gives back what the link took: registrations, libraries, memory. Each part only if it was taken.
void release(SetRecord& set) noexcept;

}  // namespace enfold

#endif  // ENFOLD_RUNTIME_SET_RECORD_H_
