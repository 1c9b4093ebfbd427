# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.data
.balign 8
.Llocal: .long 99, 98
.globl table
.balign 8
table:
  .quad values          # S
  .quad values + 20     # S + A
  .quad table - 8       # S + A, A < 0: .Llocal, up to padding
  .quad .Llocal         # a section symbol and an addend
.globl functions
functions: .quad puts, puts
.section .note.GNU-stack, "", @progbits
