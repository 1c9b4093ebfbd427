// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A program that replaces the forms for arrays has the other forms for arrays call those, and no others.
// flags: -w
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <new>

static int taken, given;

void* operator new[](std::size_t size) {
  ++taken;
  return std::malloc(size);
}
void operator delete[](void* p) noexcept {
  ++given;
  std::free(p);
}

static void tell(const char* form) {
  std::printf("%s: %d taken, %d given\n", form, taken, given);
  taken = given = 0;
}

int main() {
  ::operator delete[](::operator new[](8), std::size_t{8});
  tell("sized array");
  ::operator delete[](::operator new[](8, std::nothrow), std::nothrow);
  tell("nothrow array");
  ::operator delete(::operator new(8), std::size_t{8});
  tell("sized");
  ::operator delete(::operator new(8, std::nothrow), std::nothrow);
  tell("nothrow");
}
