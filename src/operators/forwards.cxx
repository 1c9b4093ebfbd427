// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The forms of operator new and delete that a program may leave out when it replaces others: each calls the one that
// C++ says it does ([new.delete.single], [new.delete.array]). This is compiled on its own and goes into the library as
// an object file, which is linked into sets that leave out forms which they use: see plan/operators.h. What a set does
// not need of it is weak and undefined there.
#include <cstddef>

namespace std {
struct nothrow_t;
enum class align_val_t : size_t {};
}  // namespace std

using Size = std::size_t;
using Align = std::align_val_t;
using Nothrow = const std::nothrow_t&;

#define WEAK __attribute__((weak))

WEAK void* operator new(Size size);
WEAK void* operator new(Size size, Align align);
WEAK void operator delete(void* p) noexcept;
WEAK void operator delete(void* p, Align align) noexcept;

// What catching refers to.
__asm__(".weak __cxa_begin_catch, __cxa_end_catch, __gxx_personality_v0, _Unwind_Resume, _ZSt9terminatev");

WEAK void* operator new[](Size size) { return operator new(size); }
WEAK void* operator new[](Size size, Align align) { return operator new(size, align); }

WEAK void* operator new(Size size, Nothrow) noexcept {
  try {
    return operator new(size);
  } catch (...) {
    return nullptr;
  }
}

WEAK void* operator new[](Size size, Nothrow) noexcept {
  try {
    return operator new[](size);
  } catch (...) {
    return nullptr;
  }
}

WEAK void* operator new(Size size, Align align, Nothrow) noexcept {
  try {
    return operator new(size, align);
  } catch (...) {
    return nullptr;
  }
}

WEAK void* operator new[](Size size, Align align, Nothrow) noexcept {
  try {
    return operator new[](size, align);
  } catch (...) {
    return nullptr;
  }
}

WEAK void operator delete[](void* p) noexcept { operator delete(p); }
WEAK void operator delete(void* p, Size) noexcept { operator delete(p); }
WEAK void operator delete[](void* p, Size) noexcept { operator delete[](p); }
WEAK void operator delete(void* p, Nothrow) noexcept { operator delete(p); }
WEAK void operator delete[](void* p, Nothrow) noexcept { operator delete[](p); }

WEAK void operator delete[](void* p, Align align) noexcept { operator delete(p, align); }
WEAK void operator delete(void* p, Size, Align align) noexcept { operator delete(p, align); }
WEAK void operator delete[](void* p, Size, Align align) noexcept { operator delete[](p, align); }
WEAK void operator delete(void* p, Align align, Nothrow) noexcept { operator delete(p, align); }
WEAK void operator delete[](void* p, Align align, Nothrow) noexcept { operator delete[](p, align); }
