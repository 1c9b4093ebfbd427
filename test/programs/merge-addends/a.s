# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.section .rodata.str1.1, "aMS", @progbits, 1
.Lfirst_a: .asciz "common text"
.Lsecond: .asciz "only in a"
.Lempty: .asciz ""
.data
.balign 8
.globl strings_a
strings_a:
  .quad .Lfirst_a + 7        # "text"
  .quad .Lsecond + 5          # "in a"
  .quad .Lfirst_a + 11       # the terminator
  .quad .Lempty
.section .note.GNU-stack, "", @progbits
