// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "noisy.h"
#include <cstdio>
Noisy::Noisy(int v) : value(v) { std::printf("made %d\n", value); }
Noisy::~Noisy() { std::printf("gone %d\n", value); }
thread_local Noisy defined_elsewhere(40);
thread_local int plain_elsewhere = 3;
