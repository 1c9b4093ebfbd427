// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What runs at a set's beginning and end: the functions of its array sections, and of its pieces of _init and _fini.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <ranges>
#include <utility>
#include <vector>

#include "link_state.h"
#include "plan/fragments.h"
#include "runtime/record.h"
#include "runtime/set_record.h"
#include "session_state.h"

namespace enfold {
namespace {

// Null entries and the all-ones sentinel of old .ctors lists are no functions.
bool is_function(std::uint64_t word) { return word != 0 && word != ~std::uint64_t{0}; }

std::uint64_t array_word(const LinkState& link, const Section& section, std::uint64_t i) {
  std::uint64_t word = 0;
  const std::size_t size = link.arch->slot_size;
  std::memcpy(&word, working(link, section.segment, section.offset + i * size), size);
  return word;
}

// Functions of an array section in the order in which they stand or, for .ctors and .dtors, from the last.
void append_array(const LinkState& link, const Section& section, std::vector<TargetAddr>& functions) {
  const std::uint64_t count = section.laid_size() / link.arch->slot_size;
  for (std::uint64_t k = 0; k < count; ++k) {
    const std::uint64_t word = array_word(link, section, section.reversed ? count - 1 - k : k);
    if (is_function(word)) functions.push_back(TargetAddr{word});
  }
}

void append_arrays(const LinkState& link, SectionRole role, std::vector<TargetAddr>& functions) {
  for (const Bundle& bundle : link.bundles) {
    if (bundle.role != role) continue;
    for (const Bundle::Member& member : bundle.members) {
      append_array(link, link.object(member.object).sections[member.section], functions);
    }
  }
}

}  // namespace

void note_functions(const LinkState& link, SetRecord& set) {
  if (link.bundles.empty() && !link.has_fragments) return;
  std::vector<TargetAddr> initialisers, finalisers;
  append_arrays(link, SectionRole::kPreinitArray, initialisers);
  append_fragments(link, Fragment::kInit, initialisers);
  append_arrays(link, SectionRole::kInitArray, initialisers);
  append_arrays(link, SectionRole::kFiniArray, finalisers);
  std::ranges::reverse(finalisers);
  append_fragments(link, Fragment::kFini, finalisers);
  if (initialisers.empty() && finalisers.empty()) return;
  set.make_course().initialisers = std::move(initialisers);
  set.make_course().finalisers = std::move(finalisers);
}

// What an initialiser throws has nowhere to go, as in a program: std::terminate. Neither has what is thrown at the end.
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
  RuntimeHooks& runtime = *set.session->options.runtime;
  const auto call = [&](TargetAddr handle) noexcept { runtime.finalize(handle); };
  for (const TargetAddr handle : set.course->handles | std::views::reverse) call(handle);
}

}  // namespace enfold
