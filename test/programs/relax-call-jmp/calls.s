# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.text
.globl call_own, jump_own, call_library, jump_library, call_local
call_own:
  subq $8, %rsp
  call *twice@GOTPCREL(%rip)         # GOTPCRELX
  addq $8, %rsp
  ret
jump_own:
  jmp *twice@GOTPCREL(%rip)
call_library:
  subq $8, %rsp
  call *atoi@GOTPCREL(%rip)
  addq $8, %rsp
  ret
jump_library:
  jmp *atoi@GOTPCREL(%rip)
local:
  movl $91, %eax
  ret
call_local:
  call *local@GOTPCREL(%rip)
  ret
.section .note.GNU-stack, "", @progbits
