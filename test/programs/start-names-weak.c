// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Of the names that every linked program has, weak references are bound, too.
// models: default fPIC no-plt medium
// why: as start-names
#include <stdio.h>

#define ALL(X) \
  X(__executable_start) X(etext) X(edata) X(end) X(__bss_start) X(__ehdr_start) X(_DYNAMIC) X(data_start) \
  X(__data_start) X(_init) X(_fini) X(_IO_stdin_used) X(__TMC_END__) X(__dso_handle)
#define DECLARE(name) extern __attribute__((weak)) char name[];
#define SHOW(name) printf("%s %d\n", #name, (char *volatile){name} != 0);
ALL(DECLARE)

int main(void) {
  ALL(SHOW)
  return 0;
}
