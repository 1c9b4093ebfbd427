// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the storm links: functions with a static object, thread-locals and exceptions. VERSION tells two of them apart.
extern "C" void storm_born();
extern "C" void storm_died();

namespace {

struct Thing {
  Thing() { storm_born(); }
  ~Thing() { storm_died(); }
};

struct Made {
  Made() : n(7) { storm_born(); }
  ~Made() {
    n = 0;
    storm_died();
  }
  int n;
};

Thing thing;
thread_local int count = 40;
thread_local Made made;

}  // namespace

extern "C" {

int storm_base(int n) { return 3 * n + VERSION; }

// 48 in a thread that calls it for the first time, and one more each time.
int storm_step() { return ++count + made.n; }

[[noreturn]] void storm_throw(int n) {
  const Thing local;
  throw n;
}

// Lets exceptions of `function` pass.
void storm_pass(void (*function)(int), int n) {
  const Thing local;
  function(n);
}
}
