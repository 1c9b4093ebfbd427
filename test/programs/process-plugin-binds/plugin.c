// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
extern int count;
int offered(int), weakly_offered(void);
int (*pointer)(int) = offered;

int work(void) { return pointer(10) + offered(100) + weakly_offered() + (count += 1000); }
