// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Initialisers and finalisers see the first thread's variables, in constructors and destructors.
// matrix: tls-brief
#include <stdio.h>

static __thread int value = 1;
static __thread char zeros[4];
__attribute__((constructor(200))) static void early(void) { printf("early %d %d\n", value++, zeros[0]++); }
__attribute__((constructor)) static void later(void) { printf("later %d %d\n", value++, zeros[0]++); }
__attribute__((destructor)) static void end(void) { printf("end %d %d\n", value, zeros[0]); }

int main(void) {
  printf("main %d %d\n", value++, zeros[0]++);
  return 0;
}
