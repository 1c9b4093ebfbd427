// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A reference to a version that a library lacks is refused with the versions that there are.
// generate: kinds.map = map.py
// shared: libkinds.so = kinds.c -Wl,--version-script=kinds.map
// system-error: undefined reference to .kind@V9'
// expect-error: kind@V9(.|\n)*V1 in \S*libkinds\.so, V2 in \S*libkinds\.so|kind@V9(.|\n)*V2 in \S*libkinds\.so, V1 in
// opts: O2
// models: default fPIC
// why: names are bound alike in all code
__asm__(".symver missing_kind, kind@V9");
int missing_kind(void);

int main(void) { return missing_kind(); }
