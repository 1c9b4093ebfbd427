// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: An exception thrown and caught while static objects are initialised, before main.
#include <cstdio>

static int risky(int n) {
  if (n > 2) throw n;
  return n;
}
static int guarded(int n) {
  try {
    return risky(n);
  } catch (int caught) {
    return -caught;
  }
}
int one = guarded(1), five = guarded(5);

int main() { std::printf("%d %d\n", one, five); }
