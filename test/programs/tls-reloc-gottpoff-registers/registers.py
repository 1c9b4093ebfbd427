# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prints a function for each register and instruction, and tables of them."""
REGISTERS = "rax rcx rdx rbx rbp rsi rdi r8 r9 r10 r11 r12 r13 r14 r15".split()


def function(name, register, body):
    return f"{name}_{register}:\n  pushq %{register}\n{body}  movq %{register}, %rax\n{restore(register)}  ret\n"


def restore(register):
    return "  addq $8, %rsp\n" if register == "rax" else f"  popq %{register}\n"


print(".text")
for r in REGISTERS:
    print(function("mov", r, f"  movq variable@gottpoff(%rip), %{r}\n  addq %fs:0, %{r}\n"))
    print(function("add", r, f"  movq %fs:0, %{r}\n  addq variable@gottpoff(%rip), %{r}\n"))
print('.section .data.rel.ro, "aw", @progbits\n.balign 8\n.globl by_mov, by_add')
for name in ("mov", "add"):
    print(f"by_{name}: .quad " + ", ".join(f"{name}_{r}" for r in REGISTERS))
print('.section .note.GNU-stack, "", @progbits')
