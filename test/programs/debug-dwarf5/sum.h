// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
struct Failure { int code; };
template <class T> T sum(T a, T b) { return a + b; }
void check(int value);
