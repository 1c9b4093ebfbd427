# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.section .rodata.array, "a", @progbits
.globl array, array_end
array: .skip 24, 1
array_end:
.section .rodata.empty, "a", @progbits
.globl empty
empty:
.section .data.none, "aw", @progbits
.section .bss.none, "aw", @nobits
.section .text.none, "ax", @progbits
.text
.globl length
length:
  leaq array_end(%rip), %rax
  leaq array(%rip), %rdx
  subq %rdx, %rax
  ret
.section .note.GNU-stack, "", @progbits
