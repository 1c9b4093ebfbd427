// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
int stays(void) { return 10; }
