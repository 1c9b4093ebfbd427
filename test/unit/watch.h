// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The real process, watched: every call of the memory provider and the runtime hooks is counted, can be made to fail,
// and is followed by a look at the address map.
#ifndef ENFOLD_TEST_UNIT_WATCH_H_
#define ENFOLD_TEST_UNIT_WATCH_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <enfold/enfold.h>

namespace enfold::test {

struct MapLine {
  AddressRange range{};
  std::string protection{};  // "r-xp"
  std::string path{};
  friend bool operator==(const MapLine&, const MapLine&) = default;
};

// /proc/self/maps without the heap, which the test's own allocations move.
std::vector<MapLine> address_map();

// "r-xp" of the mapping that holds the address, or nothing.
std::string protection_at(TargetAddr address);

bool anything_writable_and_executable();

struct Watch {
  int call_count = 0;  // of functions that can fail
  int fail_at = 0;     // 1: the first; 0: none
  std::string failing{};  // the function that was made to fail does so again
  std::function<void()> after_each;

  // What is held of the process at the moment.
  int frame_tables = 0, libraries = 0, blocks = 0, thread_modules = 0, data_ranges = 0;
  std::map<std::uint64_t, int> exit_handlers;  // by handle

  bool nothing_held() const;
  std::optional<Error> enter(const char* function);
  void leave() {
    if (after_each) after_each();
  }
};

// Sessions whose provider and hooks report to `watch`, which outlives them.
SessionOptions watched(Watch& watch);

}  // namespace enfold::test

#endif  // ENFOLD_TEST_UNIT_WATCH_H_
