// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <cstddef>
#include <new>

int what = 0;

[[noreturn]] static void refuse() {
  if (what == 0) throw std::bad_alloc();
  throw what;
}

void* operator new(std::size_t) { refuse(); }
void* operator new(std::size_t, std::align_val_t) { refuse(); }
