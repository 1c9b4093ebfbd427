// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a session knows of its live sets. Its lock is held to bind, to publish and to take a set out, never while
// anything is copied, relocated or run, and never while the process is asked for anything.
#ifndef ENFOLD_SESSION_STATE_H_
#define ENFOLD_SESSION_STATE_H_

#include <deque>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include <enfold/session.h>

#include "fork.h"
#include "name_tables.h"
#include "runtime/set_record.h"
#include "visible_table.h"

namespace enfold {

namespace runtime {
class Profile;
}

struct Session::State final : ForkAware {
  explicit State(SessionOptions opts);
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State();

  struct Defined {
    std::string name;
    ExportedSymbol symbol;
  };

  SessionOptions options;
  runtime::Profile* profile = nullptr;  // the process's; null: none is written
  mutable std::shared_mutex mutex;

  // Guarded by the lock. Symbols are those of the sets that show them, or of `defined`.
  VisibleTable visible;
  // Further definitions of visible names, in the order of publishing: the first takes over when the visible one goes.
  NameMap<std::string, std::deque<Visible>> shadowed;
  std::deque<Defined> defined;
  std::vector<SetRecord*> sets;   // live
  std::uint64_t sequence = 0;
  bool replaced = false;          // a set was: dependencies may have cycles

 private:
  void before_fork() override;
  void after_fork_in_parent() override;
  void after_fork_in_child() override;
};

// Makes the set's symbols visible and records whom it depends on.
// Errors: kDuplicateSymbol, when another link published a strong definition of the same name meanwhile; kInUse, when a
// set that it binds to was replaced meanwhile: linking it again is the cure.
Expected<void> publish(SetRecord& set);

// The same short of being seen: for a new version of a set, whose initialisers run before it takes the old one's place.
Expected<void> attach(SetRecord& set);

// Takes what memory unloading needs, once for the process.
void prepare_unloading();

// Unloads the set unless it is in use. Errors: kInUse.
Expected<void> unload(const std::shared_ptr<SetRecord>& set);
Expected<void> unload_all(Session::State& state);

// Who depends on the set.
std::vector<SetUse> users_of(const SetRecord& set);

// The end of a link that bound to those sets.
void unpin(Session::State& state, std::vector<std::shared_ptr<SetRecord>> sets) noexcept;

// The handle is gone: unloads the set now, or with its last dependent.
void drop(const std::shared_ptr<SetRecord>& set) noexcept;

}  // namespace enfold

#endif  // ENFOLD_SESSION_STATE_H_
