// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A library with thread-locals, which the process may or may not have loaded at its start.
_Thread_local long enfold_test_first = 10;
_Thread_local long enfold_test_variable = 20;
long enfold_test_value(void) { return enfold_test_variable; }
