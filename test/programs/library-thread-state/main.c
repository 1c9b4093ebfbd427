// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Constructors of libraries get the program's arguments and find no floating-point exception raised.
// shared: libstate.so = state.c
// args: one two
void show(void);

int main(void) {
  show();
  return 0;
}
