// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: All undefined symbols are reported at once, demangled.
// system-error: undefined reference to `first
// expect-error: (?s)first\(int\).*second\(\)|second\(\).*first\(int\)
// opts: O2
// models: default
// why: the report does not depend on the code
int first(int);
int second();

int main() { return first(1) + second(); }
