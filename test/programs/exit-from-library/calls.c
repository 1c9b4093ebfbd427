// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
void library_calls(void (*callback)(int), int n) {
  for (int i = 30; i < n; i++) callback(i);
}
