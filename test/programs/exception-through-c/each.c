// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
void each(int count, void (*function)(int)) {
  for (int i = 0; i < count; i++) function(i);
}
