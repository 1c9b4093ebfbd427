// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A thread-local variable that nothing defines is an error that names it.
// system-error: undefined reference to .nowhere
// expect-error: nowhere
// matrix: tls-imported
extern __thread int nowhere;
int main(void) { return nowhere; }
