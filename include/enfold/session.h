// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_SESSION_H_
#define ENFOLD_SESSION_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <enfold/describe.h>
#include <enfold/error.h>
#include <enfold/linked_set.h>
#include <enfold/memory.h>
#include <enfold/object_set.h>
#include <enfold/plan.h>
#include <enfold/runtime.h>

namespace enfold {

class CallerState;

// Called at the start of each pass and, within long ones, now and then; on the linking thread.
using Progress = std::function<void(std::string_view pass, std::size_t done, std::size_t total)>;

// What a debugger is shown of sets, by way of gdb's interface for code made at run time: copies of objects, which take
// memory as long as the set is linked.
enum class Debugger : std::uint8_t {
  kWithDebugInformation,  // objects that were compiled with -g
  kNone,
  kAll,  // also objects without: names of their functions
};

// What is written for perf(1), of every set that is linked.
enum class Profiler : std::uint8_t {
  kNone,
  kPerfMap,  // /tmp/perf-PID.map: where each function is. Without SessionOptions::memory, the session has memory of
             // MemoryKind::kForced where it may: perf looks there for code in anonymous memory only.
  kJitDump,  // jit-PID.dump in $JITDUMPDIR, or else in /tmp: each function, its code, and when it was linked
};

struct SessionOptions {
  std::shared_ptr<MemoryProvider> memory;  // null: make_memory()
  std::shared_ptr<RuntimeHooks> runtime;   // null: make_process_runtime()
  int argc = 0;             // passed to initialisers, as the C library does; borrowed for the session's life
  char** argv = nullptr;
  char** envp = nullptr;    // null: the process's environment
  Detail detail = Detail::kNone;  // of LinkedSet::plan(); plan() gives kSummary at least
  SymbolDetail symbols = SymbolDetail::kExported;  // that describe() knows
  Progress progress;
  // Threads that write and relocate one set, the linking thread included: at most so many, for sets large enough to
  // gain (2 MiB a thread), and fewer where the system grants no more. 0: as many as the process may run. 1: none is
  // started. The outcome is the same for any number, to the byte. They are gone before any code of the set runs, take
  // no signals but their own faults, and call neither `progress` nor `memory` nor `runtime`.
  unsigned thread_count = 0;
  Debugger debugger = Debugger::kWithDebugInformation;
  // The file is the process's, for all sessions; a child of fork() that links has one of its own. It stays when the
  // process has ended. What was unloaded stays in a map. Errors, of create() and of link(): kIo.
  Profiler profiler = Profiler::kNone;
  // Variables of sets that are no shared objects are listed by dl_iterate_phdr(), behind what the dynamic linker lists:
  // garbage collectors find pointers there. They are whole pages, as writable segments of entries without a file, named
  // "[enfold data]"; pages side by side are one segment, whichever sets have them. `dlpi_adds` and `dlpi_subs` count
  // sets that come and go. Thread-locals of such sets are not listed. The executable has to export the library's
  // dl_iterate_phdr, as with enfold::host. Callbacks run while no listed set can come or go in other threads.
  // Errors, of create(): kUnsupported, where the process's dl_iterate_phdr is another.
  bool list_data = false;
};

struct ReplaceOptions {
  // The new version goes on with the variables of the old one: sections of writable data and variables that have the
  // same object, name and size in both keep their storage and contents. Of an object with static constructors all of
  // its writable sections have to be the same, else it starts anew; where they are, its constructors do not run again.
  bool keep_state = false;
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

  // Links `next` and puts it in the place of `set`, which was linked as replaceable: its symbols, its users and its
  // stubs become those of the new version, one slot after another, each at once, while other threads call through them.
  // The new version's initialisers have run by then. `set` then is the new version's handle, and the old version's is
  // returned: drop it when no thread is in its code any more. The old version is unloaded then, or when its last user
  // is: variables may be in use by the new one, and so may functions that the new one does not define any more.
  // All or nothing: after an error the old version is in place as before.
  // Errors: those of link(); kInvalidArgument, when `set` is not replaceable or its unloading has begun; kInUse, with a
  // cause for each symbol that users need and `next` does not have, or has elsewhere than they address it directly.
  Expected<LinkedSet> replace(LinkedSet& set, ObjectSet next, const ReplaceOptions& options = {});

  // Unloads all sets of the session, users before what they use; their handles stay, of no use.
  // Errors: kInUse, while a link is under way that binds to one of them; nothing is unloaded then.
  Expected<void> unload_all();

  // Gives `symbol` an address for sets linked later. A weak definition that a set shows already stays in front of it.
  // Errors: kDuplicateSymbol; kInvalidArgument for thread-locals.
  Expected<void> define(std::string symbol, TargetAddr address, HostSymbolKind kind = HostSymbolKind::kUnknown);

  // The visible definition of `symbol`: of a live set, or defined. Of a thread-local, the calling thread's.
  // Errors: kNotFound.
  Expected<TargetAddr> address(std::string_view symbol) const;

  // What of the session's live sets lies at an address; nothing where none of them has it. The second form fills what
  // the caller provides, neither allocates nor locks, and may be called in a signal handler, whatever the process was
  // doing, and in any thread while others link and unload. `note`'s views are the set's: whoever keeps them keeps the
  // set. A set is found from before its initialisers run until its memory is given back, though not always by the
  // addresses of its unwind tables.
  std::optional<Description> describe(TargetAddr address) const;
  bool describe(TargetAddr address, AddressNote& note) const noexcept;

  // What the memory provider holds, and a request to give back what is kept for sets to come: by the provider, and in
  // the process for the records of all its sessions' sets. Pages that live sets share with what has gone stay.
  MemoryUse memory_use() const;
  void trim();

 private:
  explicit Session(std::shared_ptr<State> state);
  void initialise(const LinkedSet& set, const CallerState& caller);
  std::shared_ptr<State> state_;
};

}  // namespace enfold

#endif  // ENFOLD_SESSION_H_
