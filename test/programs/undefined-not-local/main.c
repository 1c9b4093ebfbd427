// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: An undefined reference is not bound to another object's local symbol.
// system-error: undefined reference to `helper'
// expect-error: helper
// opts: O0
// why: an optimiser drops the static function
int helper(void);
int use(void);

int main(void) { return helper() + use(); }
