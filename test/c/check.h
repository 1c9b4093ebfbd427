// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The least of a test framework, in C: what does not hold is reported and counted, what a test cannot go on without
// ends it.
#ifndef ENFOLD_TEST_C_CHECK_H_
#define ENFOLD_TEST_C_CHECK_H_

#include <enfold/c.h>

#define CHECK(holds) check((holds), #holds, __FILE__, __LINE__)
#define CHECK_TEXT(got, wanted) check_text((got), (wanted), __FILE__, __LINE__)
#define CHECK_HAS(got, part) check_has((got), (part), __FILE__, __LINE__)
#define CHECK_SIZE(got, wanted) check_size((got), (wanted), __FILE__, __LINE__)
#define CHECK_CODE(error, wanted) check_code((error), (wanted), __FILE__, __LINE__)
#define MUST(error) must((error), __FILE__, __LINE__)

void check(bool holds, const char* what, const char* file, int line);
void check_text(const char* got, const char* wanted, const char* file, int line);
void check_has(const char* got, const char* part, const char* file, int line);
void check_size(uint64_t got, uint64_t wanted, const char* file, int line);
// Frees the error.
void check_code(enfold_error* error, enfold_code wanted, const char* file, int line);
// Ends the test where there is an error.
void must(enfold_error* error, const char* file, int line);

extern int failure_count;

#endif  // ENFOLD_TEST_C_CHECK_H_
