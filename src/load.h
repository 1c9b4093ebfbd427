// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From files to Objects: the one place that tells formats apart.
#ifndef ENFOLD_LOAD_H_
#define ENFOLD_LOAD_H_

#include <string_view>

#include <enfold/error.h>

#include "link_state.h"

namespace enfold {

// Reads one relocatable object, whose tables will lie in `arena`, into a new one, which has its name. The bytes are
// borrowed.
// Errors: kMalformed, kUnsupported; the object is then unusable.
Expected<void> read_object(read::Bytes bytes, Arena& arena, Object& object);

// Numbers the last of the link's objects, which is new: all are of one architecture and format.
// Errors: kUnsupported.
Expected<void> admit_last_object(LinkState& link);

// Does the object define `symbol`, other than as common? False for what is no object.
bool object_defines(read::Bytes bytes, std::string_view symbol);

// Opens an archive for lazy use. `storage` of the bytes is the link's.
Expected<read::Archive> load_archive(const read::InputFile& file);

}  // namespace enfold

#endif  // ENFOLD_LOAD_H_
