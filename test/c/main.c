// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The C interface, called from C: enfold-c-test [NAME], all tests or one; --list names them.
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "support.h"
#include "tests.h"

int main(int argc, char** argv) {
  const struct test* const rooms[] = {error_tests, set_tests, session_tests, plan_tests, replace_tests, describe_tests};
  const bool list = argc == 2 && strcmp(argv[1], "--list") == 0;
  int run_count = 0;
  setvbuf(stdout, NULL, _IONBF, 0);  // a crash loses nothing
  for (size_t i = 0; i < sizeof rooms / sizeof *rooms; ++i) {
    for (const struct test* test = rooms[i]; test->name != NULL; ++test) {
      if (list) puts(test->name);
      if (argc == 2 && strcmp(argv[1], test->name) != 0) continue;
      test->run();
      ++run_count;
    }
  }
  if (!list) printf("%d tests, %d failures\n", run_count, failure_count);
  return failure_count != 0 || (run_count == 0 && !list);
}
