// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A library that is loaded late, whose thread-local the C library serves: what our own is compared with.
_Thread_local long enfold_bench_variable = 1;

// The address of the variable's TLS descriptor.
void* enfold_bench_descriptor(void);
__asm__(
    ".text\n"
    ".globl enfold_bench_descriptor\n"
    ".type enfold_bench_descriptor, @function\n"
    "enfold_bench_descriptor:\n"
    "  lea enfold_bench_variable@tlsdesc(%rip), %rax\n"
    "  ret\n");
