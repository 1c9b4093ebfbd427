// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
static int after;
void middle(void (*call)(void)) {
  call();
  after++;
}
