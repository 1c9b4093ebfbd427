// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How unwinders find the tables of linked code. glibc (2.35 and newer) has _dl_find_object: from an address to the
// loaded object and its .eh_frame_hdr. libgcc (12 and newer) and LLVM's libunwind (15 and newer) call it for each
// frame, and like any function of the C library it may be defined earlier in the scope: by the executable. The one
// defined here answers for linked code and passes every other question on. So nothing is registered with anyone.
//
// Whether the process's unwinder comes here depends on how the program was linked; runtime/unwind.h finds out.
#ifndef ENFOLD_RUNTIME_FIND_OBJECT_H_
#define ENFOLD_RUNTIME_FIND_OBJECT_H_

#include "runtime/address_index.h"

namespace enfold::runtime {

// From linked code to the address of its search table.
AddressIndex& search_tables();

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_FIND_OBJECT_H_
