# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.globl first, second, third
.type first, @tls_object
.type second, @tls_object
.type third, @tls_object
.section .my_image, "awT", @progbits
first: .long 1
.section .my_zeros, "awT", @nobits
.skip 4
second: .skip 4
.section .tdata.third, "awT", @progbits
.balign 32
third: .long 3
.section .note.GNU-stack, "", @progbits
