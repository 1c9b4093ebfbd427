// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A versioned reference (.symver memcpy@GLIBC_2.2.5) is bound to that version.
#include <stdio.h>
#include <string.h>

__asm__(".symver old_memcpy, memcpy@GLIBC_2.2.5");
void *old_memcpy(void *, const void *, size_t);

int main(void) {
  char text[20] = "............";
  old_memcpy(text, "versioned", 9);
  puts(text);
  return 0;
}
