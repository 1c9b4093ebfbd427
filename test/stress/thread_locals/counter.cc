// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What stress/thread_locals links, compiled for each model: a variable with contents, one without, and one that is made
// and unmade in each thread.
struct Made {
  Made() : n(7) {}
  ~Made() { n = 0; }
  int n;
};

static thread_local int count = 40;
static thread_local long zeroes[20];
static thread_local Made made;

// 48 in a thread that calls it for the first time, and one more each time.
extern "C" int step() { return ++count + static_cast<int>(zeroes[count % 20]) + made.n; }
