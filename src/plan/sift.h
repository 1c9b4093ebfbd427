// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The first half of scan: all relocations are walked, and those that are not plain are picked out. It reads what was
// fixed before and writes facts of its own objects' symbols, so that several threads may sift objects at the same time;
// the second half, which makes needs, goes through what they picked in input order.
#ifndef ENFOLD_PLAN_SIFT_H_
#define ENFOLD_PLAN_SIFT_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "fixup.h"
#include "link_state.h"
#include "plan/plain.h"

namespace enfold {

struct Notable {
  ObjectIndex object{};
  SectionIndex section{};
  std::uint32_t relocation = 0;
  Fixup fixup;
};

// Of what was walked.
struct SiftedCount {
  std::uint64_t relocations = 0, relaxed = 0;
};

inline bool is_of_thread_local(const Architecture& arch, const Fixup& fixup) {
  return fixup.kind < arch.fixups.size() && is_thread_local(arch.fixups[fixup.kind].expr);
}

// Of one section of the image that has relocations, as sift().
template <class Visit>
void sift_section(const LinkState& link, const Object& object, SectionIndex index, SiftedCount& count,
                  Visit&& visit) {
  const Section& section = object.sections[index];
  if (section.size == 0) return;
  count.relocations += section.relocation_count;
  const PlainFixups plain(*link.arch, object, section);
  const PlainRelaxations relaxations(link, object, section);
  const bool reshaped = section.reshaped;
  LaidOffsets laid(section);
  std::uint32_t behind_thread_local = 0xffff'ffff;  // a call that may go with the code for the variable
  for_each_batch(object, section, [&](std::uint32_t first, std::span<const Fixup> batch) {
    for (std::size_t i = plain.skip(batch, 0); i < batch.size(); i = plain.skip(batch, i + 1)) {
      if (reshaped && batch[i].offset < section.size && !laid.find(batch[i].offset)) continue;
      const std::uint32_t relocation = first + static_cast<std::uint32_t>(i);
      if (relocation != behind_thread_local && relaxations.find(batch[i]) != nullptr) {
        ++count.relaxed;
        continue;
      }
      if (is_of_thread_local(*link.arch, batch[i])) behind_thread_local = relocation + 1;
      visit(Notable{object.index, index, relocation, batch[i]});
    }
    return true;
  });
}

// Calls visit(Notable) for each fixup of the object's image that neither is plain nor becomes so, in the order of the
// file, and adds to `count` what it walked. What was trimmed away has no fixups.
template <class Visit>
void sift(const LinkState& link, Object& object, SiftedCount& count, Visit&& visit) {
  fetch_next(link, object.index);
  note_plain_symbols(link, object);
  const auto sift_any = [&](SectionIndex i) {
    if (object.sections[i].relocation_count != 0) sift_section(link, object, i, count, visit);
  };
  for (const SectionIndex section : object.contents) sift_any(section);
  for (const SectionIndex section : object.zeros) sift_any(section);
}

// A run of objects that one thread sifts in a go.
struct SiftedObjects {
  ObjectIndex first{}, last{};  // `last` is not among them
  std::vector<Notable> notables{};
  SiftedCount count{};
};

// How many threads are worth starting for the link's objects, of those it may use.
unsigned threads_to_sift(const LinkState& link);

// Sifts all objects of the link on so many threads; the runs are in input order.
std::vector<SiftedObjects> sift_in_parallel(LinkState& link, unsigned thread_count);

}  // namespace enfold

#endif  // ENFOLD_PLAN_SIFT_H_
