// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: An exception passes through C code compiled with -fexceptions, and through the C library's qsort.
// flags-of: each.c = -fexceptions
#include <cstdio>
#include <cstdlib>

extern "C" void each(int count, void (*function)(int));

int main() {
  try {
    each(5, [](int n) { if (n == 3) throw n; std::printf("%d\n", n); });
  } catch (int n) {
    std::printf("caught %d\n", n);
  }
  int values[] = {4, 2, 7};
  try {
    std::qsort(values, 3, sizeof values[0], [](const void*, const void*) -> int { throw "compared"; });
  } catch (const char* text) {
    std::puts(text);
  }
}
