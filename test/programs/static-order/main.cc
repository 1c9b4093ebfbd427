// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Dynamic initialisers run in order within a file, in link order across files, and are undone in reverse at exit.
#include "log.h"

Log first("main first");
static Log second("main second");
Log early __attribute__((init_priority(200)))("main with priority");

int main() {
  static Log inside("in main");
  say("main ends");
}
