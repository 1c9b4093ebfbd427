// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "log.h"
#include <cstdio>
void say(const char* text) { std::puts(text); }
