// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <cstdio>
#include "noisy.h"
struct Uses {
  Uses() { lazy(); }
  ~Uses() { std::puts("user gone"); }
};
static Uses uses;
static Noisy here("other.o");
Noisy& other_lazy() {
  static Noisy object("other lazy");
  return object;
}
