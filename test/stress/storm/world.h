// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What all threads of the storm have in common: sessions with memory of each kind, and the sets that they show each
// other. In the first session nobody unloads all at once, so that what is asked of it has to succeed.
//
// Only what callers owe is kept apart by locks: no set is unloaded under a call, and, as the C library does not look
// after the dynamic linker's locks at a fork, the test's own calls of dlopen() are over when it forks. All that enfold
// promises goes on beside everything else.
#ifndef ENFOLD_TEST_STRESS_STORM_WORLD_H_
#define ENFOLD_TEST_STRESS_STORM_WORLD_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <pthread.h>

#include <enfold/enfold.h>

#include "../../sanitizer.h"

namespace enfold::storm {

#if defined(ENFOLD_TEST_THREAD_SANITIZER)
inline constexpr bool kThreadSanitizer = true;
#else
inline constexpr bool kThreadSanitizer = false;
#endif
// Sanitizers do not look after their own locks at a fork: all rest then.
#if defined(ENFOLD_TEST_THREAD_SANITIZER) || defined(ENFOLD_TEST_ADDRESS_SANITIZER)
inline constexpr bool kSanitizer = true;
#else
inline constexpr bool kSanitizer = false;
#endif

// One writer or several readers; a writer is not kept waiting by readers that come later. Not recursive. In the child
// of a fork, which has one thread, it does nothing.
class Gate {
 public:
  Gate();
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;
  ~Gate() { ::pthread_rwlock_destroy(&lock_); }
  void lock();
  void unlock();
  void lock_shared();
  void unlock_shared() { unlock(); }

 private:
  pthread_rwlock_t lock_;
};

using IntFunction = int(int);
using StepFunction = int();
using PassFunction = void(void (*)(int), int);

// A set that several threads use. Whoever holds the pointer keeps it loaded, but for unload_all().
struct Shown {
  explicit Shown(LinkedSet linked) : set(std::move(linked)) {}
  LinkedSet set;
  bool replaceable = false;
  Gate handle;  // which replacing moves
};

inline constexpr int kBoardSize = 4;

struct Place {
  std::unique_ptr<Session> session;
  MemoryKind memory = MemoryKind::kAutomatic;
  int number = 0;
  bool calm = false;  // nobody calls unload_all()
  Gate calls;         // shared by who is in code of the session's sets
  std::mutex board_mutex;
  std::array<std::shared_ptr<Shown>, kBoardSize> board;
  std::unique_ptr<LinkedSet> lasting;  // of a calm one
};

// What is counted, by name.
class Counts {
 public:
  void add(const char* what) { ++counts_[what]; }
  void add(const Counts& other) {
    for (const auto& [what, count] : other.counts_) counts_[what] += count;
  }
  std::string text() const;

 private:
  std::map<std::string, std::uint64_t> counts_;
};

struct World {
  explicit World(std::uint64_t seed);

  std::uint64_t seed;
  std::map<std::string, std::vector<char>> files;  // "base default 1", ...
  std::string library;                             // path
  std::vector<std::unique_ptr<Place>> places;
  Gate loader;   // shared by the test's own use of the dynamic linker
  Gate running;  // with a sanitizer: shared by all that do anything
  std::atomic<bool> stop = false;
  Counts counts;
  std::mutex counts_mutex;
};

bool in_child();
void set_in_child();

// Constructed objects of sets that are not destroyed.
std::atomic<long>& living();

Expected<void> define_host_functions(Session& session);
std::unique_ptr<Session> new_session(MemoryKind memory, bool with_all_symbols);
std::span<const std::byte> object(const World& world, const std::string& name);

}  // namespace enfold::storm

#endif  // ENFOLD_TEST_STRESS_STORM_WORLD_H_
