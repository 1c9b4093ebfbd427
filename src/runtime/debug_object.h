// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a debugger is shown of a set. A debugger that is told of an object file in memory relocates its debug
// information itself, as it does for any relocatable file: all it has to be told is where the sections are. So it is
// shown a copy of the object with the addresses filled in, and debug information that nobody asks for is never looked
// at. What is not the object's own any more is put right in the copy:
//
// - Sections that are not in the image (another object's copy of a COMDAT group is used, or nothing refers to them)
//   are not allocated, and what debug information says of them is void. At address 0, where the file has them, a
//   debugger would believe in them.
// - .eh_frame is the image's: trimmed, and relocated already.
// - Common symbols are where the linker allotted them.
// - Thread-locals, which a debugger looks for in the block of the process's first module, are given as offsets from there,
//   if they are static, and else as ones that no memory has.
#ifndef ENFOLD_RUNTIME_DEBUG_OBJECT_H_
#define ENFOLD_RUNTIME_DEBUG_OBJECT_H_

#include <memory>

#include <enfold/memory.h>

#include "link_state.h"
#include "runtime/set_record.h"

namespace enfold {

// Copies those objects of the set that a debugger is to see. Those without debug information cost a look at the names
// of their sections. The image is written, and not yet sealed.
void copy_debug_objects(const LinkState& link, SetRecord& set);

// Lets debuggers see the copies, or see them no longer.
Expected<void> show_debug_objects(SetRecord& set);
void hide_debug_objects(SetRecord& set) noexcept;

// gdb leaves breakpoints in code whose object is gone, and later writes back what was there before them (gdb 13). So
// memory of a set that it has seen is not used again as long as it is attached: it is released with the first set that
// goes afterwards. `object` is what keeps the memory of a shared object mapped, and is returned where it does not have
// to stay with it.
void* release_block(const SetRecord& set, const std::shared_ptr<MemoryProvider>& memory, Block& block,
                    void* object) noexcept;

}  // namespace enfold

#endif  // ENFOLD_RUNTIME_DEBUG_OBJECT_H_
