// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <cstdio>
struct Note { ~Note() { std::puts("unwound"); } };
void each(int count, void (*function)(int)) {
  Note note;
  for (int i = 0; i < count; i++) function(i);
}
