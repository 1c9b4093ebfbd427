// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Changes of inputs that know the format: an object is changed field by field, record by record, section by section, so
// that most of what the fuzzer tries is an object still. Every fourth input is changed by libFuzzer, which knows what
// has led to new branches.
#include <algorithm>
#include <cstring>
#include <vector>

#include "checked_link.h"
#include "fuzz_target.h"
#include "mutate.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed);

namespace enfold::fuzz {
namespace {

#if defined(ENFOLD_FUZZ_OPTIONS)
constexpr std::size_t kOptionsSize = 1;  // what stands before the files
#else
constexpr std::size_t kOptionsSize = 0;
#endif

std::vector<std::byte> bytes_of(std::span<const std::byte> bytes) { return {bytes.begin(), bytes.end()}; }

// One of the files that the input is; the others stay as they are.
std::vector<std::byte> changed(std::span<const std::byte> input, unsigned seed) {
  static const std::vector<Seed> none;
  Mutator mutator(none, seed);
  const std::span<const std::byte> files = input.subspan(kOptionsSize);
  const std::vector<InputBytes> inputs =
      kOptionsSize == 0 ? std::vector<InputBytes>{{files, "input"}} : split_inputs(files);
  const bool sized = inputs.size() > 1 || (!inputs.empty() && inputs.front().bytes.data() != files.data());
  std::vector<std::byte> result = bytes_of(input.first(kOptionsSize));
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    std::vector<std::byte> bytes = bytes_of(inputs[i].bytes);
    if (i == seed / 7 % inputs.size()) mutator.change(bytes);
    if (sized) {
      const auto size = static_cast<std::uint32_t>(bytes.size());
      const auto word = std::as_bytes(std::span(&size, 1));
      result.insert(result.end(), word.begin(), word.end());
    }
    result.insert(result.end(), bytes.begin(), bytes.end());
  }
  return result;
}

}  // namespace
}  // namespace enfold::fuzz

std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned seed) {
  if (size <= 64 || seed % 4 == 0) return LLVMFuzzerMutate(data, size, max_size);
  const std::vector<std::byte> result = enfold::fuzz::changed(std::as_bytes(std::span(data, size)), seed);
  if (result.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::memcpy(data, result.data(), result.size());
  return result.size();
}
