// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One record of .eh_frame (LSB Core 5.0, 10.6.1), read as far as an unwinder reads it before it knows whether the
// record is about the address it looks for. It checks nothing, and stops the process at what it does not know.
//
//   CIE: length 0 version augmentation\0 [address size, segment size] code data return-register
//        [size: personality's encoding and address, LSDA's encoding, addresses' encoding] instructions
//   FDE: length distance address range [size: LSDA's address] instructions
#ifndef ENFOLD_PLAN_UNWIND_RECORD_H_
#define ENFOLD_PLAN_UNWIND_RECORD_H_

#include <cstdint>

#include <enfold/error.h>

#include "read/bytes.h"

namespace enfold {

struct UnwindFault {
  ErrorCode code = ErrorCode::kMalformed;
  const char* what = "";
};

// [lo, hi) of a record's bytes.
struct RecordPart {
  std::uint32_t lo = 0, hi = 0;
};

// What a CIE says of its FDEs.
struct FdeForm {
  std::uint8_t address_size = 8;       // of an address, bytes
  std::uint8_t address_encoding = 0;   // DW_EH_PE_*
  bool has_augmentation_data = false;  // as the CIE
};

struct Cie {
  FdeForm fdes;
  RecordPart personality{};  // the only bytes that a relocation may change
};

// `record` begins with the length and ends where it says; it is not as long as the lengths that the format reserves
// (0xffff'fff0 and above; DWARF 5, 7.4). Null when it can be used.
const UnwindFault* read_cie(read::Bytes record, Cie& cie);

// `size_field` is what tells the size of the augmentation data; empty where there are none.
const UnwindFault* read_fde(read::Bytes record, FdeForm form, RecordPart& size_field);

}  // namespace enfold

#endif  // ENFOLD_PLAN_UNWIND_RECORD_H_
