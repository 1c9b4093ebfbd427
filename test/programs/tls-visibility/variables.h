// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
extern __thread int exported;
extern __thread int hidden __attribute__((visibility("hidden")));
extern __thread int protected_one __attribute__((visibility("protected")));
void other(int n);
