// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_TEST_FUZZ_SUPPORT_H_
#define ENFOLD_TEST_FUZZ_SUPPORT_H_

#include <gtest/gtest.h>
#include <time.h>

#include <string>
#include <utility>
#include <vector>

#include "checked_link.h"
#include "elf_edit.h"

namespace enfold::fuzz {

inline std::vector<std::byte> bytes_of_text(std::string_view text) {
  const auto* begin = reinterpret_cast<const std::byte*>(text.data());
  return {begin, begin + text.size()};
}

inline std::vector<std::byte> zeros(std::size_t n) { return std::vector<std::byte>(n); }

// CPU seconds of this process: what a busy machine leaves of it does not count.
inline double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// Links objects "0.o", "1.o", ... and expects everything that must hold to hold.
inline Outcome link_objects(const std::vector<ElfEdit>& objects, const SetOptions& options = {}) {
  static CheckedLinker linker;
  std::vector<InputBytes> inputs;
  for (const ElfEdit& object : objects) {
    inputs.push_back({object.bytes(), std::to_string(inputs.size()) + ".o"});
  }
  Outcome outcome = linker.run(inputs, options);
  for (const std::string& violation : outcome.violations) ADD_FAILURE() << violation;
  return outcome;
}

inline Outcome link_object(const ElfEdit& object, const SetOptions& options = {}) {
  return link_objects({object}, options);
}

inline SetOptions gc_from(std::string root) {
  SetOptions options;
  options.gc_sections = true;
  options.roots = {std::move(root)};
  return options;
}

// .eh_frame of one CIE (24 bytes with its length) and one FDE (24 bytes) whose address field is at 32.
inline std::vector<std::byte> plain_frames() {
  using namespace std::string_view_literals;
  return bytes_of_text(
      "\x14\0\0\0"
      "\0\0\0\0"
      "\1zR\0"
      "\1\x78\x10"
      "\1\x1b"
      "\x0c\7\x08\x90\1"
      "\0\0"
      "\x14\0\0\0"
      "\x1c\0\0\0"
      "\0\0\0\0"
      "\4\0\0\0"
      "\0"
      "\0\0\0\0\0\0\0"sv);
}

}  // namespace enfold::fuzz

#endif  // ENFOLD_TEST_FUZZ_SUPPORT_H_
