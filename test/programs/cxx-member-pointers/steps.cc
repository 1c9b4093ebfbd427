// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "machine.h"
namespace { struct Hidden : Machine { int odd(int n) { return n + 7; } }; }
extern const Step steps[3] = {&Machine::speed, &Machine::twice, static_cast<Step>(&Hidden::odd)};
