// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_TEST_C_TESTS_H_
#define ENFOLD_TEST_C_TESTS_H_

struct test {
  const char* name;
  void (*run)(void);
};

// Each ends with a test without a name.
extern const struct test error_tests[], set_tests[], session_tests[], plan_tests[], replace_tests[],
    describe_tests[];

#endif  // ENFOLD_TEST_C_TESTS_H_
