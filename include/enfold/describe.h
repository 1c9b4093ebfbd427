// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What lies at an address: for crash reports, profilers, traces. Session::describe fills these.
#ifndef ENFOLD_DESCRIBE_H_
#define ENFOLD_DESCRIBE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <enfold/memory.h>

namespace enfold {

// What is remembered of a link for it.
enum class SymbolDetail : std::uint8_t {
  // Nothing more than a live set knows anyway: its name and the symbols that its handle finds. Those are in no order of
  // addresses: each description looks through all of them.
  kExported,
  // Objects, sections, and all named symbols with them: some 24 bytes and a name each, in the order of their addresses.
  // A description looks through few of them.
  kAll,
};

// Views are empty where something is unknown. They are valid, and end with a zero, as long as the set is live.
struct AddressNote {
  std::string_view set, object, section;
  std::string_view symbol;    // mangled
  AddressRange range{};       // of the symbol; without one, of the section; without one, of what the set has there
  std::uint64_t offset = 0;   // of the address in it
};

// The same with strings of its own.
struct Description {
  std::string set, object, section, symbol;
  AddressRange range{};
  std::uint64_t offset = 0;
};

// "set/object/section/symbol+0x1c" without what is empty. Never more than `size` bytes of it, without a zero at the
// end; returns how many. Safe in a signal handler.
std::size_t write_text(const AddressNote& note, char* out, std::size_t size) noexcept;

std::string text(const Description& description);

}  // namespace enfold

#endif  // ENFOLD_DESCRIBE_H_
