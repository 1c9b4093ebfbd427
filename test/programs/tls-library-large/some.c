// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <stdio.h>
static __thread char some[56000] __attribute__((tls_model("initial-exec")));
int touch_some(int n) { return some[55999] += n; }
__attribute__((constructor)) static void up(void) {
  puts("some up");
  touch_some(1);
}
