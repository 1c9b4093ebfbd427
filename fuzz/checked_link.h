// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One link over the mock process, with everything checked that must hold whatever the input is.
#ifndef ENFOLD_FUZZ_CHECKED_LINK_H_
#define ENFOLD_FUZZ_CHECKED_LINK_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <enfold/enfold.h>

#include "mock_process.h"

namespace enfold::fuzz {

struct InputBytes {
  std::span<const std::byte> bytes;
  std::string name;
};

struct Outcome {
  bool linked = false;
  std::optional<ErrorCode> code;  // of the error, when not linked
  std::string text;               // likewise
  Violations violations;          // what must never be

  bool sound() const { return violations.empty(); }
};

// All inputs are one set; or each is a set of its own, linked one after another, which the later ones may bind to.
enum class Sets { kOne, kOneEach };

// Plans, links and unloads the sets, and says how that went: an error is the first one. Linker scripts and thin
// archives are left out: they open files.
class CheckedLinker {
 public:
  explicit CheckedLinker(unsigned thread_count = 1);  // of a link
  Outcome run(std::span<const InputBytes> inputs, const SetOptions& options, Sets sets = Sets::kOne);
  // The same of one set, whose inputs may be files. It is made twice: to be planned, and to be linked.
  Outcome run(const std::function<ObjectSet()>& make);

 private:
  class Run;
  Outcome finish(Outcome outcome);
  std::shared_ptr<MockMemory> memory_;
  std::shared_ptr<MockRuntime> runtime_;
  unsigned thread_count_;
};

// The options that a byte of fuzzer input stands for.
SetOptions options_from(std::uint8_t bits);
Sets sets_from(std::uint8_t bits);

// Splits a fuzzer's input: a single file, or a run of files, each with its size before it.
std::vector<InputBytes> split_inputs(std::span<const std::byte> data);

}  // namespace enfold::fuzz

#endif  // ENFOLD_FUZZ_CHECKED_LINK_H_
