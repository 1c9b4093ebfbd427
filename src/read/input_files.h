// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The inputs of a set as files: opened, told apart by content, libraries found, linker scripts followed.
#ifndef ENFOLD_READ_INPUT_FILES_H_
#define ENFOLD_READ_INPUT_FILES_H_

#include <memory>
#include <memory_resource>
#include <string>
#include <vector>

#include <enfold/error.h>
#include <enfold/object_set.h>

#include "read/bytes.h"
#include "read/file_bytes.h"
#include "read/file_kind.h"

namespace enfold::read {

struct InputFile {
  std::string name;  // for display
  std::string path;  // empty for inputs in memory
  FileKind kind = FileKind::kObject;
  bool whole_archive = false;
  bool as_needed = false;
  Bytes bytes;
  std::shared_ptr<const FileBytes> storage;  // of `bytes`; null for inputs in memory, which the set's user holds
};

// In the order of the set's inputs, a linker script's in its place. An archive or shared library that is reached twice
// is one file, at its first place.
// Errors: kIo, kMalformed, kUnsupported, kNotFound; when several inputs fail, one error with each of them as a cause.
Expected<std::pmr::vector<InputFile>> open_inputs(
    const ObjectSet& set, std::pmr::memory_resource* memory = std::pmr::get_default_resource());

}  // namespace enfold::read

#endif  // ENFOLD_READ_INPUT_FILES_H_
