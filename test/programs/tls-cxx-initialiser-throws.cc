// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: When a thread_local object's constructor throws, the use of it throws, and the next use tries again.
// matrix: tls-brief
#include <cstdio>

static int tries;
struct Late {
  int value = 6;
  Late() {
    if (++tries < 3) throw tries;
  }
};

int main() {
  for (int i = 0; i < 4; i++) {
    try {
      static thread_local Late late;
      std::printf("value %d\n", late.value++);
    } catch (int n) {
      std::printf("caught %d\n", n);
    }
  }
}
