# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.section .init, "ax", @progbits
  testq %rsp, %rsp
  jz over
  leaq second_text(%rip), %rdi
  call note@PLT
over:
.section .fini, "ax", @progbits
  leaq second_end_text(%rip), %rdi
  call note@PLT
.section .rodata, "a", @progbits
second_text: .string "second piece"
second_end_text: .string "second piece of the end"
.section .note.GNU-stack, "", @progbits
