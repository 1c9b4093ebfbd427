// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Linked code in reach of the process's unwinder, in one of two ways:
// - it asks us, by way of _dl_find_object (runtime/find_object.cc): telling it of a set is one entry in an index;
// - it does not: the library is part of a plug-in that was opened with dlopen, say, or the C library is an old one.
//   Then each .eh_frame is registered. Both unwinders in use export __register_frame. libgcc's takes a whole section
//   that ends in a zero word, and before gcc 13 it searches a list of them for every frame of the process; LLVM's
//   libunwind takes one FDE there, and whole sections through __unw_add_dynamic_eh_frame_section.
#ifndef ENFOLD_RUNTIME_UNWIND_H_
#define ENFOLD_RUNTIME_UNWIND_H_

#include <enfold/runtime.h>

namespace enfold::runtime {

// Whether the unwinder asks; tried once a process. ENFOLD_UNWIND=register in the environment has every table
// registered.
bool unwinder_asks();

void register_frames(const FrameTables& frames);
void deregister_frames(const FrameTables& frames) noexcept;

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_UNWIND_H_
