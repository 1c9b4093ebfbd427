# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
print("V2 { global: kind; size; local: *; };")
