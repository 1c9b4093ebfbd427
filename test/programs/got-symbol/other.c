// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
char *other_got(void) {
  char *got;
  __asm__("leaq _GLOBAL_OFFSET_TABLE_(%%rip), %0" : "=r"(got));
  return got;
}
