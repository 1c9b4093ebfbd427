// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What unwinders tell of an address: its FDE, or null. libgcc's and LLVM's have it alike, and no header of theirs does.
#ifndef ENFOLD_RUNTIME_FIND_FDE_H_
#define ENFOLD_RUNTIME_FIND_FDE_H_

extern "C" {

struct dwarf_eh_bases {
  void* text;
  void* data;
  void* function;  // where it starts
};

const void* _Unwind_Find_FDE(void* pc, dwarf_eh_bases* bases);

}

#endif  // ENFOLD_RUNTIME_FIND_FDE_H_
