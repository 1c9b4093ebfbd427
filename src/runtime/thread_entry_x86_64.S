// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Entry points of TLS descriptors for x86-64 ("Thread-Local Storage Descriptors for IA32 and AMD64/EM64T"): called with
// the descriptor's address in rax, they return the variable's distance from the thread pointer there, and keep every
// other register. Its second word is what pack_thread_argument() or a static placement gave.
#if defined(__x86_64__)

#define FIRST_THREAD_MODULE 0x40000000  /* kFirstThreadModule */
#define COMPONENTS 0x800ef              /* kComponents of vector_state.cc */

        .text

        .p2align 4
        .globl  enfold_thread_static_descriptor
        .hidden enfold_thread_static_descriptor
        .type   enfold_thread_static_descriptor, @function
enfold_thread_static_descriptor:
        .cfi_startproc
        endbr64
        mov     8(%rax), %rax
        ret
        .cfi_endproc
        .size   enfold_thread_static_descriptor, . - enfold_thread_static_descriptor

        .p2align 4
        .globl  enfold_thread_dynamic_descriptor
        .hidden enfold_thread_dynamic_descriptor
        .type   enfold_thread_dynamic_descriptor, @function
enfold_thread_dynamic_descriptor:
        .cfi_startproc
        endbr64
        push    %rcx
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset %rcx, 0
        push    %rdx
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset %rdx, 0
        mov     8(%rax), %rax
        mov     enfold_thread_table_offset(%rip), %rcx
        mov     %rax, %rdx
        shr     $32, %rdx
        sub     $FIRST_THREAD_MODULE, %rdx      // the block's index, or huge for a module of the C library
        mov     %fs:(%rcx), %rcx                // the thread's table: a count, then blocks
        cmp     (%rcx), %rdx
        jae     1f
        mov     8(%rcx,%rdx,8), %rcx
        test    %rcx, %rcx
        jz      1f
        movslq  %eax, %rax
        add     %rcx, %rax
        sub     %fs:0, %rax
        .cfi_remember_state
        pop     %rdx
        .cfi_adjust_cfa_offset -8
        .cfi_restore %rdx
        pop     %rcx
        .cfi_adjust_cfa_offset -8
        .cfi_restore %rcx
        ret

        // The slow path may call anything: all that a function does not keep is saved here.
1:      .cfi_restore_state
        push    %rbp
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset %rbp, 0
        mov     %rsp, %rbp
        .cfi_def_cfa_register %rbp
        push    %rbx
        .cfi_offset %rbx, -40
        push    %rsi
        .cfi_offset %rsi, -48
        push    %rdi
        .cfi_offset %rdi, -56
        push    %r8
        .cfi_offset %r8, -64
        push    %r9
        .cfi_offset %r9, -72
        push    %r10
        .cfi_offset %r10, -80
        push    %r11
        .cfi_offset %r11, -88
        mov     %rax, %rdi
        mov     enfold_vector_save_size(%rip), %eax
        sub     %rax, %rsp
        and     $-64, %rsp
        mov     enfold_vector_save_kind(%rip), %ebx
        test    %ebx, %ebx
        jz      2f
        xor     %edx, %edx                      // the header's reserved bytes have to be zero
        mov     %rdx, 512(%rsp)
        mov     %rdx, 520(%rsp)
        mov     %rdx, 528(%rsp)
        mov     %rdx, 536(%rsp)
        mov     %rdx, 544(%rsp)
        mov     %rdx, 552(%rsp)
        mov     %rdx, 560(%rsp)
        mov     %rdx, 568(%rsp)
        mov     $COMPONENTS, %eax
        cmp     $1, %ebx
        je      3f
        xsavec  (%rsp)
        jmp     4f
3:      xsave   (%rsp)
        jmp     4f
2:      fxsave64 (%rsp)
4:      call    enfold_thread_descriptor_address
        test    %ebx, %ebx
        jz      5f
        mov     %rax, %rbx
        mov     $COMPONENTS, %eax
        xor     %edx, %edx
        xrstor  (%rsp)
        mov     %rbx, %rax
        jmp     6f
5:      fxrstor64 (%rsp)
6:      sub     %fs:0, %rax
        lea     -56(%rbp), %rsp
        pop     %r11
        .cfi_restore %r11
        pop     %r10
        .cfi_restore %r10
        pop     %r9
        .cfi_restore %r9
        pop     %r8
        .cfi_restore %r8
        pop     %rdi
        .cfi_restore %rdi
        pop     %rsi
        .cfi_restore %rsi
        pop     %rbx
        .cfi_restore %rbx
        pop     %rbp
        .cfi_def_cfa %rsp, 24
        .cfi_restore %rbp
        pop     %rdx
        .cfi_adjust_cfa_offset -8
        .cfi_restore %rdx
        pop     %rcx
        .cfi_adjust_cfa_offset -8
        .cfi_restore %rcx
        ret
        .cfi_endproc
        .size   enfold_thread_dynamic_descriptor, . - enfold_thread_dynamic_descriptor

        // Indirect calls find an endbr64 at each entry.
        .pushsection .note.gnu.property, "a", @note
        .p2align 3
        .long   4, 16, 5
        .asciz  "GNU"
        .long   0xc0000002, 4, 3, 0
        .popsection
#endif

        .section .note.GNU-stack, "", @progbits
