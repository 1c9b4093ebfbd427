// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <stdio.h>
__thread char much[300000] __attribute__((tls_model("initial-exec"))) = {0, 1};
int touch_much(int n) { return much[299999] += n; }
__attribute__((constructor)) static void up(void) {
  puts("much up");
  touch_much(1);
}
