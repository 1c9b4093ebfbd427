// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Two strong definitions of a thread-local variable are an error that names it.
// system-error: multiple definition of .level
// expect-error: level
// opts: O2
// models: default fPIC
// why: the fact is the symbol table's
__thread int level = 1;
int main(void) { return level; }
