// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <stdlib.h>
#include <string.h>

static char *made;
__attribute__((constructor)) static void start(void) { made = strdup("made by a constructor"); }
char *of_constructor(void) { return made; }
void give_back(void *block) { free(block); }
