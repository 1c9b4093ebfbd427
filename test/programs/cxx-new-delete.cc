// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: operator new and delete that the program replaces are used by its own new expressions.
#include <cstdio>
#include <cstdlib>
#include <new>

static int live;
void* operator new(std::size_t size) {
  live++;
  if (void* p = std::malloc(size)) return p;
  throw std::bad_alloc();
}
void operator delete(void* p) noexcept { live -= p != nullptr, std::free(p); }
void operator delete(void* p, std::size_t) noexcept { operator delete(p); }

int main() {
  int before = live;
  int* volatile one = new int(4);
  int* volatile two = new int(5);
  std::printf("%d %d\n", live - before, *one + *two);
  delete one;
  delete two;
  std::printf("%d\n", live - before);
}
