// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: An uncaught exception ends the program by SIGABRT, with a message.
// status: 134
// stderr: nonempty
#include <cstdio>

int main() {
  std::puts("lost");
  throw 5;
}
