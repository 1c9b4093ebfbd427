# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.section .rodata.str1.1, "aMS", @progbits, 1
.Lfirst_b: .asciz "common text"
.Lsecond: .asciz "only in b"
.Lempty: .asciz ""
.data
.balign 8
.globl strings_b
strings_b:
  .quad .Lfirst_b + 7        # "text"
  .quad .Lsecond + 5          # "in b"
  .quad .Lfirst_b + 11       # the terminator
  .quad .Lempty
.section .note.GNU-stack, "", @progbits
