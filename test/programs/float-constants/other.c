// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
double scale(double x) { return x * 0.1 + 2.25; }
double negate(double x) { return -x; }
float third(float x) { return x / 3.0f + 0.1f; }
