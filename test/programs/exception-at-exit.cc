// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: An exception thrown and caught in an atexit handler and in a static destructor, while the set is being undone.
#include <cstdio>
#include <cstdlib>

static void attempt(const char* text) {
  try {
    throw text;
  } catch (const char* caught) {
    std::puts(caught);
  }
}
struct Last {
  ~Last() { attempt("in a destructor"); }
} last;
__attribute__((destructor)) static void fini() { attempt("in .fini_array"); }

int main() {
  std::atexit([] { attempt("in a handler"); });
}
