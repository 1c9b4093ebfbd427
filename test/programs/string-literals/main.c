// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Literals of mergeable string sections, narrow and wide, with common tails and shared by objects, are what they say.
#include <stdio.h>
#include <string.h>
#include <wchar.h>

const char *other(int n);
const wchar_t *other_wide(void);
static const char *const texts[] = {"", "tail", "long tail", "a very long tail", "other", "\0hidden"};

int main(void) {
  for (int i = 0; i < 6; i++) printf("[%s] %d\n", texts[i], strcmp(texts[i], other(i)));
  printf("%c %zu %d\n", texts[5][1], wcslen(L"wide text"), wcscmp(L"wide text", other_wide()));
  return 0;
}
