// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A set that calls what another set defines (base.cc), and catches what it throws.
extern "C" {
void storm_born();
void storm_died();
int storm_base(int n);
void storm_throw(int n);

int storm_user(int n) { return storm_base(n) - 3 * n; }

int storm_caught(int n) {
  try {
    storm_throw(n);
  } catch (const int thrown) {
    return thrown;
  }
  return -1;
}
}

namespace {

struct Thing {
  Thing() { storm_born(); }
  ~Thing() {
    if (storm_base(1) > 3) storm_died();
  }
} thing;

}  // namespace
