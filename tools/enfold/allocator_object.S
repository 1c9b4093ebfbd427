// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// libenfold-allocator.so, for a program that defines malloc.
        .section .rodata.enfold_allocator_object, "a", @progbits
        .p2align 4
        .globl  enfold_allocator_object
        .hidden enfold_allocator_object
enfold_allocator_object:
        .incbin ENFOLD_ALLOCATOR_OBJECT
        .globl  enfold_allocator_object_end
        .hidden enfold_allocator_object_end
enfold_allocator_object_end:
        .section .note.GNU-stack, "", @progbits
