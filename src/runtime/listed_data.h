// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Variables of sets among what dl_iterate_phdr() lists. Sets that are no shared objects are unknown to the dynamic
// linker, so a collector that asks it for the process's variables frees what only they lead to. The executable's
// definition of dl_iterate_phdr is the first in scope, as that of _dl_find_object is (runtime/find_object.cc): the
// library's, if the program exports it. It lists what the dynamic linker does, and then the pages that are given here.
//
// Collectors have room for some thousand ranges, and there may be tens of thousands of tiny sets, which share pages. So
// ranges are rounded to pages, and those that overlap or meet are one.
#ifndef ENFOLD_RUNTIME_LISTED_DATA_H_
#define ENFOLD_RUNTIME_LISTED_DATA_H_

#include <cstdint>

#include <enfold/error.h>

namespace enfold::runtime {

// Whether the process's dl_iterate_phdr is the library's. Errors: kUnsupported.
Expected<void> check_data_list();

// Of writable memory: what shares its first and its last page with it may be read. Throws std::bad_alloc.
// Threads: a call waits until no other thread is in a callback of dl_iterate_phdr(), so that nothing that is listed
// there goes meanwhile.
void list_data(std::uint64_t begin, std::uint64_t size);
// Takes no memory. The range was listed.
void unlist_data(std::uint64_t begin, std::uint64_t size) noexcept;

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_LISTED_DATA_H_
