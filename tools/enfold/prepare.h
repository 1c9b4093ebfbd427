// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From the command line to an open set: sources are compiled, standard input is read, libraries get their directories.
#ifndef ENFOLD_TOOL_PREPARE_H_
#define ENFOLD_TOOL_PREPARE_H_

#include <enfold/object_set.h>
#include <enfold/session.h>

#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "arguments.h"

namespace tool {

// A set and the bytes that it borrows.
struct Prepared {
  enfold::ObjectSet set;
  std::vector<std::vector<std::byte>> buffers;
};

std::expected<Prepared, std::string> prepare(const LinkArguments& arguments);

// A session in which the command line's symbols are defined.
enfold::Expected<std::unique_ptr<enfold::Session>> open_session(const LinkArguments& arguments,
                                                                enfold::SessionOptions options);

}  // namespace tool

#endif  // ENFOLD_TOOL_PREPARE_H_
