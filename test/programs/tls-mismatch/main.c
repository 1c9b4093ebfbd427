// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A plain reference to a thread-local definition is an error that names the variable.
// system-error: TLS definition in .* mismatches non-TLS reference
// expect-error: value
// opts: O2
// models: default fPIC
// why: the fact is the symbol table's
extern int value;
int main(void) { return value; }
