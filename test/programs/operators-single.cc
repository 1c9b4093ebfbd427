// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A program that replaces one form each of operator new and delete has all others call those.
// flags: -w
#include <cstddef>
#include <cstdio>
#include <new>

static char arena[1 << 16];
static std::size_t used;
static int taken, given;

void* operator new(std::size_t size) {
  ++taken;
  char* p = arena + used;
  used += (size + 15) & ~std::size_t{15};
  return p;
}
void operator delete(void* p) noexcept { given += p != nullptr; }

static void tell(const char* form) {
  std::printf("%s: %d taken, %d given\n", form, taken, given);
  taken = given = 0;
}

struct Node {
  long a = 1, b = 2;
  virtual ~Node() = default;
};

int main() {
  ::operator delete(::operator new(8));
  tell("plain");
  ::operator delete(::operator new(8), std::size_t{8});
  tell("sized");
  ::operator delete(::operator new(8, std::nothrow), std::nothrow);
  tell("nothrow");
  ::operator delete[](::operator new[](8));
  tell("array");
  ::operator delete[](::operator new[](8), std::size_t{8});
  tell("sized array");
  ::operator delete[](::operator new[](8, std::nothrow), std::nothrow);
  tell("nothrow array");
  Node* volatile one = new Node;
  Node* volatile many = new Node[3];
  delete one;
  delete[] many;
  tell("class");
}
