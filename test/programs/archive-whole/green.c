// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
extern const char *registered[8];
extern int registered_count;
__attribute__((constructor)) static void begin(void) { registered[registered_count++] = "green"; }
