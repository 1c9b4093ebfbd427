// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
__attribute__((noinline)) int through(int (*call)(int), int n) {
  volatile int result = call(n);
  return result;
}
