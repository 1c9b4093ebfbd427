// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The object file that forwards.cxx was compiled to.
        .section .rodata.enfold_operator_forwards, "a", @progbits
        .p2align 4
        .globl  enfold_operator_forwards
        .hidden enfold_operator_forwards
enfold_operator_forwards:
        .incbin ENFOLD_OPERATOR_FORWARDS
        .globl  enfold_operator_forwards_end
        .hidden enfold_operator_forwards_end
enfold_operator_forwards_end:
        .section .note.GNU-stack, "", @progbits
