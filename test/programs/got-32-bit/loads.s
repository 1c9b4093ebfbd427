# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.text
.globl read_word, read_extended, call_twice, choose, is_word
read_word:
  movl word@GOTPCREL(%rip), %eax        # GOTPCRELX
  movslq (%rax), %rax
  ret
read_extended:
  movslq word@GOTPCREL(%rip), %r9       # GOTPCREL
  movslq (%r9), %rax
  ret
call_twice:
  subq $8, %rsp
  movl twice@GOTPCREL(%rip), %r10d      # REX_GOTPCRELX
  call *%r10
  cltq
  addq $8, %rsp
  ret
choose:
  leaq other(%rip), %rax
  testl %edi, %edi
  cmovne word@GOTPCREL(%rip), %eax
  movslq (%rax), %rax
  ret
is_word:
  xorl %eax, %eax
  cmpl word@GOTPCREL(%rip), %edi
  sete %al
  ret
.section .rodata
.balign 4
other: .long 9
.section .note.GNU-stack, "", @progbits
