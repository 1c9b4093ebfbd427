// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: An undefined datum is an error, though nothing but a table refers to it.
// system-error: undefined reference to `nowhere'
// expect-error: nowhere
// opts: O2
// models: default fPIC
// why: the report does not depend on the code
extern int nowhere;
int *table[] = {&nowhere};

int main(void) { return table[0] == 0; }
