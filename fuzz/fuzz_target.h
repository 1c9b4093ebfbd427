// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What libFuzzer calls, in the project's own types.
#ifndef ENFOLD_FUZZ_FUZZ_TARGET_H_
#define ENFOLD_FUZZ_FUZZ_TARGET_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <enfold/error.h>

// FUZZ_TARGET(data) { ... } is called with each input.
#define FUZZ_TARGET(data)                                                              \
  static void fuzz_target(std::span<const std::byte> data);                            \
  extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) { \
    fuzz_target(std::as_bytes(std::span(bytes, size)));                                \
    return 0;                                                                          \
  }                                                                                    \
  static void fuzz_target(std::span<const std::byte> data)

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

namespace enfold::fuzz {

// Reads each byte, so that a view of what is gone is found.
inline void touch(std::string_view text) {
  volatile char sum = 0;
  for (const char c : text) sum = static_cast<char>(sum ^ c);
}

// An error has a text and a message, whatever its cause.
inline void expect_report(const Error& error) {
  if (error.text().empty() || error.message().empty() || name(error.code()).empty()) __builtin_trap();
}

}  // namespace enfold::fuzz

#endif  // ENFOLD_FUZZ_FUZZ_TARGET_H_
