// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Exceptions thrown from code that the compiler moved into .text.unlikely.
#include <cstdio>

__attribute__((cold, noinline)) static void refuse(int n) { throw n * 10; }
__attribute__((noinline)) static int check(int n) {
  if (__builtin_expect(n > 2, 0)) refuse(n);
  return n;
}

int main() {
  int sum = 0;
  for (int i = 0; i < 5; i++) {
    try {
      sum += check(i);
    } catch (int e) {
      sum += e;
    }
  }
  std::printf("%d\n", sum);
}
