// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where linked code and data lie, of all sets of the process. A range's value is the set's record, or a note of stubs
// of a face, for describe.cc: one that is being read is kept until it is not, however its set goes meanwhile. Its tag
// is the address of the search table of the code there, for unwinders.
#ifndef ENFOLD_RUNTIME_LINKED_RANGES_H_
#define ENFOLD_RUNTIME_LINKED_RANGES_H_

#include "runtime/address_index.h"

namespace enfold::runtime {

AddressIndex& linked_ranges();

// Of a value that is not in the index any more, when its last reader is gone. In describe.cc.
void let_go_of_described(std::uint64_t known) noexcept;

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_LINKED_RANGES_H_
