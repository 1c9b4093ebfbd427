// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Two strong definitions are refused, and both files are named.
// system-error: multiple definition of `clash'
// expect-error: (?s)clash.*(main\.o.*other\.o|other\.o.*main\.o)|(main\.o.*clash.*other\.o)|(other\.o.*clash.*main\.o)
// opts: O2
// models: default
// why: the report does not depend on the code
int clash(void) { return 1; }
int main(void) { return clash(); }
