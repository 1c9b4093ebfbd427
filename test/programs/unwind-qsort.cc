// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A comparison function that throws leaves qsort, a C library frame, and is caught by type and by ellipsis.
#include <cstdio>
#include <cstdlib>

static int calls;
static int compare(const void* a, const void* b) {
  if (++calls == 5) throw calls;
  if (calls == 9) throw "text";
  return *static_cast<const int*>(a) - *static_cast<const int*>(b);
}

int main() {
  int numbers[] = {5, 2, 8, 1, 9, 3};
  for (int round = 0; round < 2; round++) {
    try {
      std::qsort(numbers, 6, sizeof *numbers, compare);
    } catch (int n) {
      std::printf("int %d\n", n);
    } catch (...) {
      std::printf("other after %d\n", calls);
    }
  }
}
