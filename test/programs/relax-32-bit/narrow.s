# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.text
.globl load_low, load_high_register, add_low, cmp_low, test_low, load_library, add_library
load_low:
  movl word@GOTPCREL(%rip), %eax        # GOTPCRELX
  ret
load_high_register:
  movl word@GOTPCREL(%rip), %r10d       # REX_GOTPCRELX
  movl %r10d, %eax
  ret
add_low:
  movl %edi, %eax
  addl word@GOTPCREL(%rip), %eax
  ret
cmp_low:
  xorl %eax, %eax
  cmpl word@GOTPCREL(%rip), %edi
  sete %al
  ret
test_low:
  xorl %eax, %eax
  testl %edi, word@GOTPCREL(%rip)
  setne %al
  ret
load_library:
  movl atoi@GOTPCREL(%rip), %eax
  ret
add_library:
  movl %edi, %eax
  addl atoi@GOTPCREL(%rip), %eax
  ret
.section .note.GNU-stack, "", @progbits
