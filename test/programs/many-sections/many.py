# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""70,000 sections: code in the even ones, data in the odd ones; each function reads its neighbour's datum."""
COUNT = 70000

for i in range(0, COUNT, 2):
    print(f".section .text.f{i}, \"ax\", @progbits\nf{i}: movl d{i + 1}(%rip), %eax\nret")
    print(f".section .rodata.d{i + 1}, \"a\", @progbits\nd{i + 1}: .long {i + 1}")
print(".globl call_some, last, first_value, last_value")
print(f".set last, f{COUNT - 2}\n.set first_value, d1\n.set last_value, d{COUNT - 1}")
print(".text\ncall_some:\ncall f0\nmovl %eax, %edx")
for i in (2, 32768, 65278, 65280, 65282, 65534, 65536, COUNT - 2):
    print(f"call f{i}\naddl %eax, %edx")
print("movl %edx, %eax\nret")
print(".section .note.GNU-stack, \"\", @progbits")
