# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
print("/* GNU ld script */\nOUTPUT_FORMAT(elf64-x86-64)\nGROUP ( libreal.a AS_NEEDED ( -lm ) )")
