// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: An exception passes from a program's callback through a library's C++ frames, which clean up, to main.
// shared: libwalk.so = walk.cc
// models: default fPIC no-plt medium large
// why: see shared-library-copied for -fno-pic
#include <cstdio>
struct Stop {
  int at;
};
void walk(void (*visit)(int));
int main() {
  try {
    walk([](int n) {
      if (n == 3) throw Stop{n};
      std::printf("visit %d\n", n);
    });
  } catch (const Stop& stop) {
    std::printf("stopped at %d\n", stop.at);
  }
}
