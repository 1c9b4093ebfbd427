// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
int add_marked(int n) { return n + 10; }
int marked(int (*f)(int), int n) { return f(n) * 2; }
