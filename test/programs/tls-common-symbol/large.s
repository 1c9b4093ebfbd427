# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
.tls_common shared, 256, 4
.section .note.GNU-stack, "", @progbits
