# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.globl by_tpoff, by_dtpoff, before_end
by_tpoff:
  movl %fs:table@tpoff + 12, %eax
  addl $5, %fs:table@tpoff + 28
  ret
by_dtpoff:
  subq $8, %rsp
  leaq table@tlsld(%rip), %rdi
  call __tls_get_addr@plt
  movl table@dtpoff + 20(%rax), %eax
  addq $8, %rsp
  ret
before_end:
  movq %fs:0, %rax
  leaq table@tpoff + 32(%rax), %rax
  movl -4(%rax), %eax
  ret
.section .note.GNU-stack, "", @progbits
