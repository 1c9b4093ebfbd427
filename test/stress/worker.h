// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One thread: picks what to do at random, does it, and compares the outcome with the model's.
#ifndef ENFOLD_TEST_STRESS_WORKER_H_
#define ENFOLD_TEST_STRESS_WORKER_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <enfold/enfold.h>

#include "model.h"
#include "parts.h"

namespace enfold::stress {

struct Counts {
  std::uint64_t steps = 0, linked = 0, refused = 0, unloaded = 0, dropped = 0, replaced = 0, calls = 0, shared = 0,
                contested = 0;
};

// What all threads have in common.
struct Shared {
  Session& session;
  const Files& files;
  std::uint64_t seed = 0;
  std::array<std::atomic<bool>, kContestedCount> owned{};  // contested_k has a visible definition
};

class Worker {
 public:
  Worker(Shared& shared, int thread);

  void step();
  // Session::unload_all was called while all threads rested.
  void after_unload_all();
  // Lets go of all sets, each in one of the ways there are.
  void finish();

  const Counts& counts() const { return counts_; }

 private:
  struct Contested {
    LinkedSet set;
    int name = 0;
    unsigned long value = 0;  // what its function returns
  };

  // Ends the process with what is needed to see it again, unless `good`.
  void expect(bool good, const std::string& what);
  void expect_alive(const char* after);
  std::size_t pick(std::size_t count) { return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_); }
  bool chance(unsigned percent) { return pick(100) < percent; }
  SetRef any_set(bool (*which)(const SetModel&));

  Request random_request();
  Request random_version(const SetRef& old);
  ObjectSet input(const Request& request, const std::string& name);
  void note_sharing(const Request& request, SetModel& set);
  void check_users(const SetModel& set);

  void link();
  void replace();
  void replace_in_vain();
  void unload();
  void drop();
  void call();
  void look_up();
  void plan();

  void define_contested();
  void link_contested_user();
  void end_contested();
  void call_contested();

  Shared& shared_;
  const int thread_;
  const Objects objects_;
  std::mt19937_64 random_;
  Model model_;
  std::vector<Contested> definitions_, users_;
  Counts counts_;
  std::uint64_t made_ = 0;
};

}  // namespace enfold::stress

#endif  // ENFOLD_TEST_STRESS_WORKER_H_
