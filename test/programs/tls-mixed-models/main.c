// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Objects that reach one variable by different models, GD, LD, IE, LE and TLSDESC, mean the same one.
// opts: O0 O2
// models: default
// why: each object has its own model
// flags-of: general.c = -fPIC
// flags-of: local.c = -fPIC -ftls-model=local-dynamic
// flags-of: initial.c = -fPIC -ftls-model=initial-exec
// flags-of: exec.c = -ftls-model=local-exec
// flags-of: descriptor.c = -fPIC -mtls-dialect=gnu2
#include <stdio.h>

__thread int padding = 1;
__thread int shared = 5;
int *general(void), *local(void), *initial(void), *exec(void), *descriptor(void);

int main(void) {
  int *a = general(), *b = local(), *c = initial(), *d = exec(), *e = descriptor();
  printf("%d %d %d %d %d %d\n", a == &shared, b == &shared, c == &shared, d == &shared, e == &shared, shared);
  return 0;
}
