// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Of the forms of operator new and delete for aligned types, those that are left out call those replaced.
// flags: -w
#include <cstddef>
#include <cstdio>
#include <new>

alignas(64) static char arena[1 << 14];
static std::size_t used;
static int taken, given;

void* operator new(std::size_t size, std::align_val_t align) {
  ++taken;
  const std::size_t mask = static_cast<std::size_t>(align) - 1;
  used = (used + mask) & ~mask;
  char* p = arena + used;
  used += size;
  return p;
}
void operator delete(void* p, std::align_val_t) noexcept { given += p != nullptr; }

static void tell(const char* form) {
  std::printf("%s: %d taken, %d given\n", form, taken, given);
  taken = given = 0;
}

int main() {
  constexpr std::align_val_t kAlign{64};
  ::operator delete(::operator new(8, kAlign), kAlign);
  tell("plain");
  ::operator delete(::operator new(8, kAlign), 8, kAlign);
  tell("sized");
  ::operator delete(::operator new(8, kAlign, std::nothrow), kAlign, std::nothrow);
  tell("nothrow");
  ::operator delete[](::operator new[](8, kAlign), kAlign);
  tell("array");
  ::operator delete[](::operator new[](8, kAlign), 8, kAlign);
  tell("sized array");
  ::operator delete[](::operator new[](8, kAlign, std::nothrow), kAlign, std::nothrow);
  tell("nothrow array");
  ::operator delete(::operator new(8));
  tell("not aligned");
}
