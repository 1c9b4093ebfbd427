// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_SESSION_H_
#define ENFOLD_SESSION_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <enfold/error.h>
#include <enfold/linked_set.h>
#include <enfold/memory.h>
#include <enfold/object_set.h>
#include <enfold/plan.h>
#include <enfold/runtime.h>

namespace enfold {

// Called at the start of each pass and, within long ones, now and then; on the linking thread.
using Progress = std::function<void(std::string_view pass, std::size_t done, std::size_t total)>;

struct SessionOptions {
  std::shared_ptr<MemoryProvider> memory;  // null: make_private_memory()
  std::shared_ptr<RuntimeHooks> runtime;   // null: make_process_runtime()
  int argc = 0;             // passed to initialisers, as the C library does; borrowed for the session's life
  char** argv = nullptr;
  char** envp = nullptr;    // null: the process's environment
  Detail detail = Detail::kSummary;
  Progress progress;
  // Threads that write and relocate one set, the linking thread included: at most so many, for sets large enough to
  // gain (2 MiB a thread), and fewer where the system grants no more. 0: as many as the process may run. 1: none is
  // started. The outcome is the same for any number, to the byte. They are gone before any code of the set runs, take
  // no signals but their own faults, and call neither `progress` nor `memory` nor `runtime`.
  unsigned thread_count = 0;
};

// The linked sets of a process, their symbols and the memory they lie in. Several sessions may coexist.
// Threads: all functions may be called from several threads at once, each with a set of its own.
class Session {
 public:
  struct State;

  static Expected<std::unique_ptr<Session>> create(SessionOptions options = {});
  ~Session();

  // What linking `set` would need. Changes nothing: undefined symbols are listed in the plan and are no error here.
  Expected<Plan> plan(const ObjectSet& set);

  // Links `set` and runs its initialisers. All or nothing: after an error the process is as before.
  Expected<LinkedSet> link(ObjectSet set);

  // Gives `symbol` an address for sets linked later. Errors: kDuplicateSymbol.
  Expected<void> define(std::string symbol, TargetAddr address, HostSymbolKind kind = HostSymbolKind::kUnknown);

  // The visible definition of `symbol`: of a live set, or defined. Errors: kNotFound.
  Expected<TargetAddr> address(std::string_view symbol) const;

 private:
  explicit Session(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace enfold

#endif  // ENFOLD_SESSION_H_
