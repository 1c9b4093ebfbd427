// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The inputs of a set as files: opened, told apart by content, libraries found, linker scripts followed.
#ifndef ENFOLD_READ_INPUT_FILES_H_
#define ENFOLD_READ_INPUT_FILES_H_

#include <memory>
#include <span>
#include <string_view>

#include <enfold/error.h>
#include <enfold/object_set.h>

#include "read/bytes.h"
#include "read/elf.h"
#include "read/file_bytes.h"
#include "read/file_kind.h"
#include "read/source.h"
#include "scratch.h"

namespace enfold::read {

// Ownership: names of inputs in memory are the set's, which outlives it.
struct InputFile {
  std::string_view name;  // for display; the path of what is a file
  FileKind kind = FileKind::kObject;
  bool whole_archive = false;
  bool as_needed = false;
  // Of the file, or in memory.
  Source source() const { return storage == nullptr ? Source(bytes) : Source(*storage); }

  Bytes bytes;  // of an object
  std::shared_ptr<const FileBytes> storage;  // of what is a file; null for inputs in memory, which the set's user holds
};

// In the order of the set's inputs, a linker script's in its place. An archive or shared library that is reached twice
// is one file, at its first place.
// What is searched for and found for none of the machines is passed over.
// Errors: kIo, kMalformed, kUnsupported, kNotFound; when several inputs fail, one error with each of them as a cause.
Expected<void> open_inputs(const ObjectSet& set, std::span<const ElfMachine> machines, ScratchVector<InputFile>& files);

}  // namespace enfold::read

#endif  // ENFOLD_READ_INPUT_FILES_H_
