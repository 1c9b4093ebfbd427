// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Properties that a compiler states of an object (Linux Extensions to the gABI, "Program Property"): a note named GNU
// of type NT_GNU_PROPERTY_TYPE_0 holds records of a type, a size and data.
//
//   | namesz descsz type=5 | "GNU\0" | pr_type pr_datasz data, padded to 8 | pr_type pr_datasz ... |
//                                    |<-------------------- descsz ---------------------------->|
#ifndef ENFOLD_READ_ELF_PROPERTIES_H_
#define ENFOLD_READ_ELF_PROPERTIES_H_

#include <cstdint>
#include <optional>

#include "read/bytes.h"

namespace enfold::read {

// GNU_PROPERTY_1_NEEDED: what a linker has to know in order to link the object. Its one bit says that the object holds
// no direct reference to what is outside it, which makes no difference here.
constexpr std::uint32_t kNeededProperty = 0xb000'8000, kKnownNeeds = 1;

struct PropertyBits {
  std::uint32_t features = 0;  // of the property that was asked for
  std::uint32_t needs = 0;     // of kNeededProperty
};

// The bits of property `type`, and of what is needed, in a section of notes that is aligned to 1 << p2align; of several
// such, those that any has. 0 when there is none: other notes and properties are passed over. Nothing when a note or
// property is longer than what holds it, or too short for bits.
std::optional<PropertyBits> property_bits(Bytes notes, std::uint8_t p2align, std::uint32_t type);

}  // namespace enfold::read

#endif  // ENFOLD_READ_ELF_PROPERTIES_H_
