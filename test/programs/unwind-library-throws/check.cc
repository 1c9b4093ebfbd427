// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <cstring>
#include <stdexcept>
void check(int n) {
  if (n > 3) throw std::out_of_range("thrown by the library");
}
const char* protect(void (*call)()) {
  static char text[64];
  try {
    call();
  } catch (const std::exception& error) {
    std::strncpy(text, error.what(), sizeof text - 1);
  }
  return text;
}
