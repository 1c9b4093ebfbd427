// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Code in .init and .fini (System V ABI, Edition 4.1, "Process Initialization"): a piece of a function whose beginning is
// in crti.o and whose end is in crtn.o, which static linkers put together from all objects'. The pieces know nothing of
// each other but that the stack is aligned when they begin and as they found it when they end, so here each becomes a
// function of its own.
//
//    section as laid out:   | traps | prologue | piece | epilogue |
//                                   ^ function
#ifndef ENFOLD_PLAN_FRAGMENTS_H_
#define ENFOLD_PLAN_FRAGMENTS_H_

#include <cstddef>
#include <vector>

#include <enfold/error.h>
#include <enfold/memory.h>

#include "link_state.h"

namespace enfold {

// Makes room in each piece's section for the rest of its function.
// Errors: kUnsupported, for objects that begin _init or _fini themselves, as crti.o does: what they leave on the stack is
// crtn.o's to take from there.
Expected<void> wrap_fragments(LinkState& link);

// Writes what is around the piece. `laid` is the section's first byte.
void write_around_fragment(const LinkState& link, const Section& section, std::byte* laid);

// The functions of one kind in the order of the link, once addresses are fixed.
void append_fragments(const LinkState& link, Fragment kind, std::vector<TargetAddr>& functions);

}  // namespace enfold

#endif  // ENFOLD_PLAN_FRAGMENTS_H_
