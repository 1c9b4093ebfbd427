// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Objects whose only unwind tables are for debuggers (.debug_frame) run; nothing is offered to unwinders.
// flags: -g -fno-asynchronous-unwind-tables -fno-unwind-tables -fno-exceptions
// link: -lgcc_s
#include <cstdio>
#include <unwind.h>

struct Bases {
  void *text, *data, *function;
};
extern "C" const void *_Unwind_Find_FDE(void *pc, Bases *bases);

int square(int n) { return n * n; }

int main() {
  Bases bases{};
  void *pc = reinterpret_cast<char *>(&square) + 1;
  std::printf("%d %s\n", square(7), _Unwind_Find_FDE(pc, &bases) == nullptr ? "no frame" : "a frame");
}
