// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
const char *pick(void) { return "static"; }
