# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.text
.weak absent
.globl load_absent, call_if_present
load_absent:
  movq $-1, %rax
  movq absent@GOTPCREL(%rip), %rax
  ret
call_if_present:
  movl $5, %eax
  cmpq $0, absent@GOTPCREL(%rip)
  je 1f
  call *absent@GOTPCREL(%rip)
1:
  ret
.section .note.GNU-stack, "", @progbits
