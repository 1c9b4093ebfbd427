// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <cstdio>
struct Name {
  const char* text = "pool";
  Name() { std::puts("named"); }
};
template <class T> struct Pool {
  static thread_local int live;
  static inline thread_local Name name;
};
template <class T> thread_local int Pool<T>::live = sizeof(T);
