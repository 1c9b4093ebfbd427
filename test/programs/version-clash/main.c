// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A plain name in one object and its default version in another are two definitions of one name.
// system-error: multiple definition of .kind
// expect-error: kind(.|\n)*(main\.o(.|\n)*other\.o|other\.o(.|\n)*main\.o)
// opts: O2
// models: default fPIC
// why: names are bound alike in all code
int kind(void) { return 1; }
int main(void) { return kind(); }
