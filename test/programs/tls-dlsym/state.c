// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
__thread int state = 4;
