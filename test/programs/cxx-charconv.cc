// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: to_chars and from_chars of the C++ library convert integers and floating numbers.
// models: default fPIC no-pic
// why: standard headers of this size take a while to compile
#include <charconv>
#include <cstdio>

int main() {
  char text[64];
  double d = 0;
  const char number[] = "2.5e3", integer[] = "-77x";
  std::from_chars(number, number + 5, d);
  auto end = std::to_chars(text, text + sizeof text, d / 3).ptr;
  *end = '\0';
  std::puts(text);
  int n = 0;
  std::printf("%d ", std::from_chars(integer, integer + 4, n).ec == std::errc());
  std::printf("%d\n", n);
}
