// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
int defined_before = 5;
