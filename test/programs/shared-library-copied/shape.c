// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
const int shape_sides[4] = {3, 4, 5, 6};
const char *const shape_name = "square";
