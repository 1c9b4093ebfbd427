// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Exceptions cross bsearch within qsort: two C library frames with the program's between them.
// models: default fPIC no-pic
// why: the code in question is the same in the other models
#include <cstdio>
#include <cstdlib>

struct Noisy {
  const char* name;
  ~Noisy() { std::printf("gone %s\n", name); }
};
static int inner(const void* key, const void*) {
  if (*static_cast<const int*>(key) == 3) throw 3L;
  return 0;
}
static int outer(const void* a, const void* b) {
  Noisy noisy{"outer"};
  std::bsearch(a, b, 1, sizeof(int), inner);
  return 0;
}

int main() {
  int numbers[] = {3, 3};
  try {
    std::qsort(numbers, 2, sizeof *numbers, outer);
  } catch (long n) {
    std::printf("caught %ld\n", n);
  }
}
