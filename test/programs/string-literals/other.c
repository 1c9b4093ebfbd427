// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <wchar.h>
static const char *const texts[] = {"", "tail", "long tail", "a very long tail", "other", ""};
const char *other(int n) { return texts[n]; }
const wchar_t *other_wide(void) { return L"wide text"; }
