// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One thread of the storm: does one thing after another, at random, and looks at what comes of it.
#ifndef ENFOLD_TEST_STRESS_STORM_ACTOR_H_
#define ENFOLD_TEST_STRESS_STORM_ACTOR_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include <enfold/enfold.h>

#include "doing.h"
#include "world.h"

namespace enfold::storm {

class Actor {
 public:
  Actor(World& world, int number);

  void run();
  const Counts& counts() const { return counts_; }

 private:
  struct Action {
    int weight;
    const char* what;
    void (Actor::*function)();
  };
  static const Action kActions[];

  std::size_t pick(std::size_t count) { return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_); }
  bool chance(unsigned percent) { return pick(100) < percent; }
  Place& any_place() { return *world_.places[pick(world_.places.size())]; }
  const char* any_model();
  void begin(const char* what) { doing_->begin(what, place_ != nullptr ? place_->number : -1); }
  void expect(bool good, const std::string& what) const;
  template <class T>
  void expect_no_error(const Expected<T>& result, const std::string& what) const;

  void step();

  // What threads do.
  void link_and_unload();
  void show();
  void use_shown();
  void replace_shown();
  void start_threads();
  void throw_through();
  void open_library();
  void link_with_library();
  void link_shared_object();
  void link_visible();
  void link_in_vain();
  void unload_all();
  void come_and_go();
  void trim();
  void fork_child();

  // Parts of these.
  ObjectSet base(int version, const char* model, const char* name = "base");
  std::optional<LinkedSet> link(ObjectSet set, const char* what);
  void call_base(const LinkedSet& set, int least, int most);
  void call_in_threads(const LinkedSet& set);
  void catch_from(const LinkedSet& set);
  void end(LinkedSet set);
  std::shared_ptr<Shown> any_shown();

  // The child's.
  [[noreturn]] void be_child();
  void await(pid_t child);

  World& world_;
  const int number_;
  std::mt19937_64 random_;
  Place* place_ = nullptr;
  Doing* doing_;
  Counts counts_;
};

}  // namespace enfold::storm

#endif  // ENFOLD_TEST_STRESS_STORM_ACTOR_H_
