// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
extern char **environ;
char ***there = &environ;
