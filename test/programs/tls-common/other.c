// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
extern __thread int tentative;
int plain;
int other(void) { return plain + tentative++; }
