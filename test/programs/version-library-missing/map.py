# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
print("V1 { global: kind; local: *; }; V2 { global: kind; } V1;")
