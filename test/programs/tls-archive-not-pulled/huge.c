// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
__thread char huge[1 << 30];
