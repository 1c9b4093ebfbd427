// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Frames that realign their stack and frames with alloca are unwound by expressions of the frame description.
#include <cstdio>
#include <cstdint>
#include <cstring>

struct Noisy {
  const char* name;
  ~Noisy() { std::printf("gone %s\n", name); }
};
[[gnu::noinline]] static void aligned(int n) {
  alignas(128) volatile char block[256];
  Noisy noisy{"aligned"};
  block[n] = 1;
  if (reinterpret_cast<std::uintptr_t>(block) % 128 == 0) throw n;
}
[[gnu::noinline]] static void variable(int n) {
  char* memory = static_cast<char*>(__builtin_alloca(static_cast<unsigned long>(n) * 100));
  Noisy noisy{"variable"};
  std::memset(memory, n, static_cast<unsigned long>(n) * 100);
  aligned(memory[5]);
}

int main() {
  try {
    variable(7);
  } catch (int n) {
    std::printf("caught %d\n", n);
  }
}
