// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "host.h"

#include <array>
#include <cstdlib>

namespace enfold::stress {
namespace {

std::array<std::atomic<long>, kMaxThreads + 1>& counters() {
  static std::array<std::atomic<long>, kMaxThreads + 1> all;
  return all;
}

unsigned long one() { return 1; }
void enter(const char* thread) { ++alive(std::atoi(thread)); }
void leave(const char* thread) { --alive(std::atoi(thread)); }

template <class Function>
TargetAddr address_of(Function* function) {
  return TargetAddr{reinterpret_cast<std::uint64_t>(function)};
}

}  // namespace

std::atomic<long>& alive(int thread) { return counters()[static_cast<std::size_t>(thread)]; }

Expected<void> define_host_functions(Session& session) {
  if (auto done = session.define("stress_one", address_of(&one), HostSymbolKind::kFunction); !done) return done;
  if (auto done = session.define("stress_enter", address_of(&enter), HostSymbolKind::kFunction); !done) return done;
  return session.define("stress_leave", address_of(&leave), HostSymbolKind::kFunction);
}

}  // namespace enfold::stress
