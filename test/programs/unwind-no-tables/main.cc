// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: An exception that meets a frame without unwind information ends the process by std::terminate.
// flags-of: middle.c = -fno-asynchronous-unwind-tables -fno-unwind-tables -fno-exceptions
// status: 134
// stderr: nonempty
#include <cstdio>
extern "C" void middle(void (*call)());
int main() {
  std::puts("main");
  std::fflush(stdout);
  try {
    middle([] { throw 1; });
  } catch (int) {
    std::puts("not reached");
  }
}
