// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A thread_local static member of a class template is one for each instance and thread, in whichever object.
// matrix: tls-brief
#include <cstdio>
#include "pool.h"
int use_int();
int main() {
  Pool<long>::live += 7;
  Pool<int>::live++;
  int of_int = use_int();
  std::printf("%d %d %s\n", of_int, Pool<long>::live, Pool<int>::name.text);
}
