// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
#include <ranges>

#include "runtime/set_record.h"
#include "session_state.h"

namespace enfold {
// What an initialiser throws has nowhere to go, as in a program: std::terminate.
void run_initialisers(SetRecord& set) {
  if (!set.course) return;
  const SessionOptions& options = set.session->options;
  const auto call = [&](TargetAddr a) noexcept {
    options.runtime->call_initializer(a, options.argc, options.argv, options.envp);
  };
  for (const TargetAddr function : set.course->initialisers) call(function);
}

void finalise_at_exit(void* argument) {
  SetRecord& set = *static_cast<SetRecord*>(argument);
  SetRecord::Phase live = SetRecord::Phase::kLive;
  const bool exiting = set.phase.compare_exchange_strong(live, SetRecord::Phase::kFinalising);
  if (!exiting && live != SetRecord::Phase::kLeaving) return;  // a link that failed
  RuntimeHooks& runtime = *set.session->options.runtime;
  const auto call = [&](TargetAddr a) noexcept { runtime.call_finalizer(a); };
  for (const TargetAddr function : set.course->finalisers) call(function);
  if (exiting) set.phase = SetRecord::Phase::kFinalised;
}

// The first zone's handle comes last: its handler is the one that runs the finalisers.
void run_finalisers(SetRecord& set) {
  if (!set.exit_registered) return;
  for (const TargetAddr handle : set.course->handles | std::views::reverse) {
    set.session->options.runtime->finalize(handle);
  }
}

}  // namespace enfold
