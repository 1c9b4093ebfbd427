// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What stress/shared_objects links, under a name of each thread's own.
#define JOIN2(a, b) a##b
#define JOIN(a, b) JOIN2(a, b)

int JOIN(variable_, NUMBER)[3000] = {1};
thread_local int JOIN(local_, NUMBER) = 40;

// n + 41, by way of an exception.
extern "C" int JOIN(thrower_, NUMBER)(int n) {
  try {
    if (n >= 0) throw n;
  } catch (int caught) {
    return caught + JOIN(local_, NUMBER) + JOIN(variable_, NUMBER)[0];
  }
  return 0;
}
