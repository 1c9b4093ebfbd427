// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
__thread int before = 1;
__thread int name = 40;
extern __thread int also __attribute__((alias("name")));
extern __thread int perhaps __attribute__((weak, alias("name")));
