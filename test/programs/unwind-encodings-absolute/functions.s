# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Functions, and records of their own in .eh_frame, written out.
.section .data.rel.ro.functions, "aw", @progbits
.balign 8
.globl functions
functions:

.macro function number
.text
through\number:
  subq $8, %rsp
  call raise_it@PLT
  addq $8, %rsp
  ret
.Lend\number:
.section .data.rel.ro.functions, "aw", @progbits
  .quad through\number
.endm

.macro instructions
  .byte 0x0c, 7, 8   # the frame is rsp + 8
  .byte 0x90, 1      # the return address is at -8 of it
.endm
.macro moved
  .byte 0x44         # four bytes on
  .byte 0x0e, 16     # the frame is rsp + 16
.endm

# The CIE of version `version` with addresses encoded as `encoding`; 0x100: without an augmentation.
.macro cie number, version, encoding
.section .eh_frame, "a", @unwind
.Lcie\number:
  .long .Lcie_end\number - .Lcie_start\number
.Lcie_start\number:
  .long 0
  .byte \version
.if \encoding == 0x100
  .asciz ""
.else
  .asciz "zR"
.endif
.if \version == 4
  .byte 8, 0         # sizes of addresses and of segment selectors
.endif
  .uleb128 1
  .sleb128 -8
  .byte 16           # the return address' column; one byte in every version
.if \encoding != 0x100
  .uleb128 1
  .byte \encoding
.endif
  instructions
  .balign 8, 0
.Lcie_end\number:
.endm

# The FDE: `address` and `range` are the directives and values of its two fields.
.macro fde number, directive, address, encoded
  .long .Lfde_end\number - .Lfde_start\number
.Lfde_start\number:
  .long .Lfde_start\number - .Lcie\number
  \directive \address
  \directive .Lend\number - through\number
.if \encoded
  .uleb128 0
.endif
  moved
  .balign 8, 0
.Lfde_end\number:
.endm

# An FDE for no bytes of code that begins where the function does.
.macro empty number, directive, address, encoded
  .long .Lempty_end\number - .Lempty_start\number
.Lempty_start\number:
  .long .Lempty_start\number - .Lcie\number
  \directive \address
  \directive 0
.if \encoded
  .uleb128 0
.endif
  .balign 8, 0
.Lempty_end\number:
.endm

function 0
cie 0, 1, 0x100
fde 0, .quad, through0, 0
function 1
cie 1, 3, 0x00
fde 1, .quad, through1, 1
function 2
cie 2, 1, 0x03
fde 2, .long, through2, 1
function 3
cie 3, 1, 0x0b
fde 3, .long, through3, 1
function 4
cie 4, 1, 0x04
fde 4, .quad, through4, 1
function 5
cie 5, 1, 0x0c
fde 5, .quad, through5, 1
function 6
cie 6, 4, 0x100
fde 6, .quad, through6, 0
function 7
cie 7, 1, 0x100
fde 7, .quad, through7, 0
empty 7, .quad, through7, 0
function 8
cie 8, 1, 0x03
empty 8, .long, through8, 1
fde 8, .long, through8, 1

# Personalities, and what they are asked about. `word` and `data` say how they are held.
.macro asked number, word, symbol, data, label
.text
through\number:
  .cfi_startproc
  .cfi_personality \word, \symbol
  .cfi_lsda \data, \label
  subq $8, %rsp
  .cfi_adjust_cfa_offset 8
  call raise_it@PLT
  addq $8, %rsp
  .cfi_adjust_cfa_offset -8
  ret
  .cfi_endproc
.section .gcc_except_table, "a", @progbits
.Ldata\number: .byte \number
.section .data.rel.ro.local, "aw", @progbits
.balign 8
.Lword\number: .quad .Ldata\number
.section .data.rel.ro.functions, "aw", @progbits
  .quad through\number
.endm

.section .data.rel.ro.local, "aw", @progbits
.balign 8
.Lreference: .quad personality
asked 9, 0x00, personality, 0x00, .Ldata9
asked 10, 0x80, .Lreference, 0x80, .Lword10
asked 11, 0x03, personality, 0x03, .Ldata11
asked 12, 0x8b, .Lreference, 0x83, .Lword12

.section .data.rel.ro.functions, "aw", @progbits
.set count, (. - functions) / 8
.section .rodata
.globl function_count
.balign 4
function_count: .long count
.section .note.GNU-stack, "", @progbits
