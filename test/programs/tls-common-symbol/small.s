# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.tls_common shared, 4, 32
.text
.globl small
small:
  movq %fs:0, %rax
  leaq shared@tpoff(%rax), %rax
  ret
.section .note.GNU-stack, "", @progbits
