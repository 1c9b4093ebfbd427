// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Exceptions of standard types are thrown by a library and caught by the program, and the other way round.
// shared: libcheck.so = check.cc
// models: default fPIC no-plt
// why: standard headers of this size take a second to compile
#include <cstdio>
#include <stdexcept>
void check(int n);
const char* protect(void (*call)());
int main() {
  try {
    check(5);
  } catch (const std::out_of_range& error) {
    std::printf("program caught %s\n", error.what());
  }
  std::puts(protect([] { throw std::invalid_argument("thrown by the program"); }));
}
