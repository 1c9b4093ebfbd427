// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "signals.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>

#include <sys/time.h>
#include <unistd.h>

namespace enfold::storm {
namespace {

constexpr int kPeriod = 300;  // microseconds
constexpr std::size_t kKnown = 256, kAtOnce = 4, kMostSessions = 8;

constinit std::array<std::atomic<std::uint64_t>, kKnown> known{};
constinit std::array<std::atomic<const Session*>, kMostSessions> sessions{};
constinit std::atomic<std::uint64_t> next_known{0}, next_asked{0}, seen{0}, found{0};
constinit std::atomic<std::uint64_t> lasting_function{0};

// Neither stdio nor exit handlers.
[[noreturn]] void fail_in_handler(std::string_view what) {
  static_cast<void>(::write(STDERR_FILENO, what.data(), what.size()) + 1);
  ::_exit(1);
}

bool is_consistent(const AddressNote& note, std::uint64_t address) {
  if (note.range.lo == note.range.hi) return note.offset == 0;
  return note.range.lo <= address && address < note.range.hi && note.offset == address - note.range.lo;
}

void describe_some(int) {
  const int error = errno;
  ++seen;
  AddressNote note;
  for (std::size_t i = 0; i < kAtOnce; ++i) {
    const std::uint64_t address = known[next_asked++ % kKnown];
    if (address == 0) continue;
    for (const auto& session : sessions) {
      const Session* const asked = session;
      if (asked == nullptr || !asked->describe(TargetAddr{address}, note)) continue;
      ++found;
      if (!is_consistent(note, address)) fail_in_handler("enfold-storm: wrong: an address lies outside its symbol\n");
    }
  }
  const Session* const calm = sessions[0];
  const std::uint64_t function = lasting_function;
  if (calm == nullptr || function == 0) {
  } else if (!calm->describe(TargetAddr{function + 1}, note)) {
    fail_in_handler("enfold-storm: wrong: a signal handler did not find a set that lasts\n");
  } else if (note.set != "lasting" || note.symbol != "storm_base" || note.offset != 1) {
    fail_in_handler("enfold-storm: wrong: a signal handler found another set than the one that lasts\n");
  }
  errno = error;
}

void set_period(int microseconds) {
  const itimerval period{{0, microseconds}, {0, microseconds}};
  ::setitimer(ITIMER_REAL, &period, nullptr);
}

}  // namespace

void start_signals(World& world, std::uint64_t function) {
  for (std::size_t i = 0; i < world.places.size() && i < kMostSessions; ++i)
    sessions[i] = world.places[i]->session.get();
  lasting_function = function;
  struct sigaction action {};
  action.sa_handler = describe_some;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGALRM, &action, nullptr);
  set_period(kPeriod);
}

void stop_signals() {
  set_period(0);
  lasting_function = 0;
  for (auto& session : sessions) session = nullptr;
}

void remember(std::uint64_t address) { known[next_known++ % kKnown] = address; }
std::uint64_t signals_seen() { return seen; }
std::uint64_t addresses_found() { return found; }

}  // namespace enfold::storm
