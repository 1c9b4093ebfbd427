// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// .eh_frame (LSB Core 5.0, 10.6): a run of records, CIEs and the FDEs that refer to them. The unwinder walks what it is
// given without any check of its own, so each section is checked here. Records for discarded functions and terminators
// amid the image are left out: the set's tables become one run with one terminator. So are records for no bytes of
// code, which compilers write for functions that are never reached: they would hide the function that begins where they
// do. A record with a length of 64 bits, which unwinders do not read, is given one of 32.
//
//   CIE: length | 0       | version, augmentation, ...
//   FDE: length | distance back to its CIE | function's address | ...
#ifndef ENFOLD_PLAN_FRAMES_H_
#define ENFOLD_PLAN_FRAMES_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include <enfold/error.h>

#include "link_state.h"
#include "plan/unwind_record.h"
#include "scratch.h"

namespace enfold {

// Where there is one large object, there are thousands.
struct FrameRecord {
  std::uint64_t offset = 0;  // in the section, where the last four bytes of a long length count as the length
  std::uint64_t cie = 0;     // offset of its CIE; its own for a CIE
  std::uint32_t size = 0;    // with the length field, from `offset` on
  RecordPart part{};         // in the record: the personality of a CIE, the size of an FDE's augmentation data
  FdeForm fdes{};            // of a CIE's FDEs; an FDE's own
  bool dead : 1 = false;
  bool empty : 1 = false;    // an FDE of no bytes of code

  bool is_cie() const { return cie == offset; }
  bool holds(std::uint64_t at) const { return at - offset < size; }  // a byte of the section
};
static_assert(sizeof(FrameRecord) <= 32);

struct Frames {
  explicit Frames(Scratch& scratch) : records(&scratch) {}

  ScratchVector<FrameRecord> records;  // by offset
  std::uint64_t size = 0;              // of them all
  std::uint32_t fde_count = 0;
  std::uint8_t address_encoding = 0;  // of all FDEs, or kMixedEncodings
  bool has_empty = false;             // FDEs that are
};

constexpr std::uint64_t kFrameAddressField = 8;  // where an FDE holds its function's address

// `frames` is empty before.
// Errors: kMalformed, kUnsupported.
Expected<void> parse_frames(const Object& object, const Section& section, Frames& frames);

// Checks every unwind section of the link and sets Section::pieces where something is left out.
Expected<void> trim_frames(LinkState& link);

// After the kept pieces were copied: FDEs hold the distance to their CIEs, which trimming may have changed, and records
// whose length had 64 bits have one of 32.
void mend_frames(const Section& section, std::byte* laid);

}  // namespace enfold

#endif  // ENFOLD_PLAN_FRAMES_H_
