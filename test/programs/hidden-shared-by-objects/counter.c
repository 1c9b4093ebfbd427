// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
__attribute__((visibility("hidden"))) int counter;
__attribute__((visibility("hidden"))) int next(void) { return ++counter; }
