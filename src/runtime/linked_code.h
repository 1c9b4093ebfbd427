// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_RUNTIME_LINKED_CODE_H_
#define ENFOLD_RUNTIME_LINKED_CODE_H_

// -fsanitize=function and CFI look for what the compiler put in front of a function; linked code need not have it.
#if defined(__clang__)
#define ENFOLD_CALLS_LINKED_CODE [[clang::no_sanitize("function", "cfi-icall")]]
#else
#define ENFOLD_CALLS_LINKED_CODE
#endif

#endif  // ENFOLD_RUNTIME_LINKED_CODE_H_
