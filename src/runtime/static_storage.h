// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Static thread-local storage that a process lacks. It gets no more than it was started with: room, of which
// glibc.rtld.optional_static_tls gives more, and the largest alignment of the objects that are loaded at the start.
#ifndef ENFOLD_RUNTIME_STATIC_STORAGE_H_
#define ENFOLD_RUNTIME_STATIC_STORAGE_H_

#include <cstdint>
#include <optional>
#include <string>

namespace enfold::runtime {

struct StorageWant {
  std::uint64_t size = 0;
  std::uint8_t p2align = 0;

  // One block more, in whatever order they are placed.
  void add(std::uint64_t more, std::uint8_t its_p2align);
};

// What one can do about it, for an error.
std::string storage_cure(const StorageWant& want);

// What the last link of this thread that failed lacked; once. None: it did not fail for that.
void note_storage_want(const StorageWant& want) noexcept;
std::optional<StorageWant> take_storage_want() noexcept;

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_STATIC_STORAGE_H_
