// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// void enfold_test_call_descriptor(void* descriptor, Registers* in_out, long vector_kind)
// Fills all registers from the record, calls the descriptor's entry as compiled code does, and stores what they hold
// after it. vector_kind: 0 xmm0-15, 1 ymm0-15, 2 zmm0-31 and k0-7. At `misaligned` the stack is off by eight.
        .text
        .macro  GENERAL op
        \op     0, %rbx
        \op     1, %rcx
        \op     2, %rdx
        \op     3, %rsi
        \op     4, %r8
        \op     5, %r9
        \op     6, %r10
        \op     7, %r11
        \op     8, %r12
        \op     9, %r13
        \op     10, %r14
        \op     11, %r15
        .endm
        .macro  LOAD slot, register
        mov     (\slot * 8)(%rdi), \register
        .endm
        .macro  STORE slot, register
        mov     \register, (\slot * 8)(%rdi)
        .endm
        .macro  VECTORS16 op, name
        .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
        \op     \n, %\name\n
        .endr
        .endm
        .macro  VECTORS32 op, name
        .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
        \op     \n, %\name\n
        .endr
        .endm
        .macro  LOAD_V n, register
        vmovups (128 + \n * 64)(%rdi), \register
        .endm
        .macro  STORE_V n, register
        vmovups \register, (128 + \n * 64)(%rdi)
        .endm
        .macro  LOAD_X n, register
        movups  (128 + \n * 64)(%rdi), \register
        .endm
        .macro  STORE_X n, register
        movups  \register, (128 + \n * 64)(%rdi)
        .endm

        .globl  enfold_test_call_descriptor
        .type   enfold_test_call_descriptor, @function
enfold_test_call_descriptor:
        endbr64
        push    %rbp
        push    %rbx
        push    %r12
        push    %r13
        push    %r14
        push    %r15
        push    %rdx                    // the kind; and the stack is aligned
        mov     %rdi, %rax
        mov     %rsi, %rdi
        cmpl    $1, (%rsp)
        jl      1f
        je      2f
        VECTORS32 LOAD_V, zmm
        kmovq   (128 + 32 * 64 + 8)(%rdi), %k1
        kmovq   (128 + 32 * 64 + 56)(%rdi), %k7
        jmp     3f
1:      VECTORS16 LOAD_X, xmm
        jmp     3f
2:      VECTORS16 LOAD_V, ymm
3:      GENERAL LOAD
        mov     $0x5555, %ebp
        fld1
        call    *(%rax)
        fstpl   (12 * 8)(%rdi)
        mov     %rbp, (13 * 8)(%rdi)
        mov     %rax, (14 * 8)(%rdi)
        GENERAL STORE
        cmpl    $1, (%rsp)
        jl      1f
        je      2f
        VECTORS32 STORE_V, zmm
        kmovq   %k1, (128 + 32 * 64 + 8)(%rdi)
        kmovq   %k7, (128 + 32 * 64 + 56)(%rdi)
        jmp     3f
1:      VECTORS16 STORE_X, xmm
        jmp     4f
2:      VECTORS16 STORE_V, ymm
3:      vzeroupper
4:      pop     %rdx
        pop     %r15
        pop     %r14
        pop     %r13
        pop     %r12
        pop     %rbx
        pop     %rbp
        ret
        .size   enfold_test_call_descriptor, . - enfold_test_call_descriptor

// void* enfold_test_call_misaligned(void* (*function)(void*), void* argument): as old compilers called __tls_get_addr.
        .globl  enfold_test_call_misaligned
        .type   enfold_test_call_misaligned, @function
enfold_test_call_misaligned:
        .cfi_startproc
        endbr64
        mov     %rdi, %rax
        mov     %rsi, %rdi
        sub     $16, %rsp
        .cfi_adjust_cfa_offset 16
        call    *%rax
        add     $16, %rsp
        .cfi_adjust_cfa_offset -16
        ret
        .cfi_endproc
        .size   enfold_test_call_misaligned, . - enfold_test_call_misaligned

        .section .note.GNU-stack, "", @progbits
