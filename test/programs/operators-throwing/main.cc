// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A replaced operator new that throws makes the forms that do not throw return null, whatever it throws.
// flags: -w
#include <cstddef>
#include <cstdio>
#include <new>

extern int what;

int main() {
  constexpr std::align_val_t kAlign{64};
  for (what = 0; what < 2; ++what) {
    std::printf("%d %d\n", ::operator new(8, std::nothrow) == nullptr, ::operator new[](8, std::nothrow) == nullptr);
    std::printf("%d %d\n", ::operator new(8, kAlign, std::nothrow) == nullptr,
                ::operator new[](8, kAlign, std::nothrow) == nullptr);
    try {
      ::operator new[](8);
      std::puts("nothing was thrown");
    } catch (const std::bad_alloc&) {
      std::puts("bad_alloc");
    } catch (int i) {
      std::printf("%d\n", i);
    }
  }
}
