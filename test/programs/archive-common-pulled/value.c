// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
int value = 42;
