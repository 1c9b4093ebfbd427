// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: std::call_once runs its function once (libstdc++ uses thread-local storage here).
// models: default fPIC no-pic
// why: standard headers of this size take a second to compile
#include <cstdio>
#include <mutex>

static std::once_flag flag;

int main() {
  int count = 0;
  for (int i = 0; i < 3; i++) std::call_once(flag, [&] { count++; });
  std::printf("%d\n", count);
}
