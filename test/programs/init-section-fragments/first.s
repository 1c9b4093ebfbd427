# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.section .init, "ax", @progbits
  movaps %xmm0, -32(%rsp)  # faults where the stack is not aligned
  leaq first_text(%rip), %rdi
  call note@PLT
.section .fini, "ax", @progbits
  movaps %xmm0, -32(%rsp)
  leaq first_end_text(%rip), %rdi
  call note@PLT
.section .rodata, "a", @progbits
first_text: .string "first piece"
first_end_text: .string "first piece of the end"
.section .note.GNU-stack, "", @progbits
