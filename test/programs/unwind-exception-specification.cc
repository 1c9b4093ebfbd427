// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: throw(), a promise of older C++, calls std::unexpected's handler when it is broken.
// flags: -std=gnu++14 -Wno-deprecated
// status: 6
// models: default fPIC no-pic
// why: the code in question is the same in the other models
#include <cstdio>
#include <cstdlib>
#include <exception>

static void handler() {
  std::puts("unexpected");
  std::fflush(stdout);
  std::_Exit(6);
}
[[gnu::noinline]] static void promise(int n) throw(long) {
  if (n > 0) throw n;
}

int main(int argc, char**) {
  std::set_unexpected(handler);
  try {
    promise(argc);
  } catch (...) {
    std::puts("not reached");
  }
}
