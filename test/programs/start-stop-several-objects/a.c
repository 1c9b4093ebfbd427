// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
__attribute__((used, section("entries"))) static const int entry = 1;
