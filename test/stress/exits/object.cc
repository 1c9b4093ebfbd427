// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Three static objects and a handler, which go in the reverse order. Each tells the host whether its turn has come.
#include <cstdlib>

extern "C" void exits_ran(bool in_turn);

namespace {

int live = 0;

struct Object {
  const int number = ++live;
  ~Object() {
    exits_ran(live == number);
    live = number - 1;
  }
};

const Object first;
const Object second;

void handler() {
  exits_ran(live == 3);
  live = 2;
}

void make_another() { static const Object object; }

// Sets may be unloaded once they are linked: all is made by initialisers.
const int registered = (++live, std::atexit(handler));
const int made = (make_another(), 0);

}  // namespace

extern "C" int exits_registered() { return registered + made; }
