# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.text
.globl load_a
load_a:
  pushq value@GOTPCREL(%rip)   # a form that no linker rewrites
  popq %rax
  ret
.data
value: .long 41
.section .note.GNU-stack, "", @progbits
