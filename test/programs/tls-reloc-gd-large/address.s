# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.globl address
address:
  pushq %rbx
1:
  leaq 1b(%rip), %rbx
  movabsq $_GLOBAL_OFFSET_TABLE_ - 1b, %r11
  addq %r11, %rbx
  leaq variable@tlsgd(%rip), %rdi
  movabsq $__tls_get_addr@pltoff, %rax
  addq %rbx, %rax
  call *%rax
  popq %rbx
  ret
.section .note.GNU-stack, "", @progbits
