// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Objects compiled with different code models and position rules form one program, exceptions included.
// models: no-pic
// why: the files have flags of their own; one of them needs a program below 2 GiB
// flags-of: main.cc = -fPIE
// flags-of: large.cc = -fPIC -mcmodel=large
// flags-of: medium.cc = -fPIE -mcmodel=medium
// flags-of: pic.cc = -fPIC
#include <cstdio>

int absolute(int);
int counter;

int main() {
  for (int n = 0; n < 3; n++) {
    try {
      std::printf("%d\n", absolute(n));
    } catch (int e) {
      std::printf("caught %d after %d\n", e, counter);
    }
  }
}
