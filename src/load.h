// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From files to Objects: the one place that tells formats apart.
#ifndef ENFOLD_LOAD_H_
#define ENFOLD_LOAD_H_

#include <cstddef>
#include <functional>
#include <string_view>
#include <vector>

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

// Calls `sink` for each global symbol that the object defines, other than as common. The names are in `bytes`. Nothing
// is said of what cannot be read.
void collect_definitions(read::Bytes bytes, const std::function<void(std::string_view symbol)>& sink);

// The set's inputs as files.
// Errors: as read::open_inputs.
Expected<void> open_inputs(LinkState& link);

// Why an archive's member, which could not be read as an object, is none: `error`, or what it is instead.
Error refusal_of_member(const read::ArchiveMember& member, Error error);

// Members of the link's archives that hold no code for this machine, each with what it is: their indices, if they have
// any, are not of the sort that this linker can use. At most `most`.
std::vector<Error> foreign_members(const LinkState& link, std::size_t most);

// Opens an archive for lazy use. `storage` of the bytes is the link's.
Expected<read::Archive> load_archive(const read::InputFile& file);

}  // namespace enfold

#endif  // ENFOLD_LOAD_H_
