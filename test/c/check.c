// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int failure_count;

static void fail(const char* file, int line, const char* what) {
  printf("%s:%d: %s", file, line, what);
  ++failure_count;
}

void check(bool holds, const char* what, const char* file, int line) {
  if (holds) return;
  fail(file, line, "does not hold: ");
  printf("%s\n", what);
}

void check_text(const char* got, const char* wanted, const char* file, int line) {
  if (strcmp(got, wanted) == 0) return;
  fail(file, line, "");
  printf("'%s' instead of '%s'\n", got, wanted);
}

void check_has(const char* got, const char* part, const char* file, int line) {
  if (strstr(got, part) != NULL) return;
  fail(file, line, "");
  printf("no '%s' in '%s'\n", part, got);
}

void check_size(uint64_t got, uint64_t wanted, const char* file, int line) {
  if (got == wanted) return;
  fail(file, line, "");
  printf("%" PRIu64 " instead of %" PRIu64 "\n", got, wanted);
}

void check_code(enfold_error* error, enfold_code wanted, const char* file, int line) {
  if (enfold_error_code(error) != wanted) {
    fail(file, line, "");
    printf("'%s' instead of '%s': %s\n", enfold_code_name(enfold_error_code(error)), enfold_code_name(wanted),
           enfold_error_text(error));
  }
  enfold_error_free(error);
}

void must(enfold_error* error, const char* file, int line) {
  if (error == NULL) return;
  fail(file, line, "");
  printf("%s\n", enfold_error_text(error));
  exit(1);
}
