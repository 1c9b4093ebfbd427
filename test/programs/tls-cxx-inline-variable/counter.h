// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
struct Counter {
  int value;
  Counter();
};
inline thread_local int number = 40;
inline thread_local Counter counter;
