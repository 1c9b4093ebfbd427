// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Initialisers and finalisers (gABI, "Initialization and Termination Functions"): preinit arrays, then init arrays from
// first to last; fini arrays from last to first. .ctors and .dtors run the other way round within their sections.
#include <cstring>
#include <ranges>

#include "runtime/set_record.h"
#include "session_state.h"

namespace enfold {
namespace {

TargetAddr entry(const FunctionArray& array, std::uint64_t i) {
  // NOLINTNEXTLINE(performance-no-int-to-ptr): the set's own memory in this process
  const auto* words = reinterpret_cast<const std::byte*>(value(array.begin));
  std::uint64_t word = 0;
  std::memcpy(&word, words + i * sizeof word, sizeof word);
  return TargetAddr{word};
}

// Null entries and the all-ones sentinel of old .ctors lists are no functions.
bool is_function(TargetAddr a) { return value(a) != 0 && value(a) != ~std::uint64_t{0}; }

template <class Call>
void walk(const FunctionArray& array, bool backwards, Call&& call) {
  for (std::uint64_t k = 0; k < array.count; ++k) {
    const TargetAddr a = entry(array, backwards ? array.count - 1 - k : k);
    if (is_function(a)) call(a);
  }
}

}  // namespace

// What an initialiser throws has nowhere to go, as in a program: std::terminate.
void run_initialisers(SetRecord& set) {
  const SessionOptions& options = set.session->options;
  const auto call = [&](TargetAddr a) noexcept {
    options.runtime->call_initializer(a, options.argc, options.argv, options.envp);
  };
  for (const FunctionArray& array : set.preinit) walk(array, array.reversed, call);
  for (const FunctionArray& array : set.init) walk(array, array.reversed, call);
}

void finalise_at_exit(void* argument) {
  SetRecord& set = *static_cast<SetRecord*>(argument);
  SetRecord::Phase live = SetRecord::Phase::kLive;
  if (!set.phase.compare_exchange_strong(live, SetRecord::Phase::kFinalised)) return;
  RuntimeHooks& runtime = *set.session->options.runtime;
  for (const FunctionArray& array : set.fini | std::views::reverse) {
    walk(array, !array.reversed, [&](TargetAddr a) noexcept { runtime.call_finalizer(a); });
  }
}

void run_finalisers(SetRecord& set) {
  for (const TargetAddr handle : set.handles) set.session->options.runtime->finalize(handle);
}

}  // namespace enfold
