// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From the command line to an open set: sources are compiled, standard input is read, libraries get their directories.
#ifndef ENFOLD_TOOL_PREPARE_H_
#define ENFOLD_TOOL_PREPARE_H_

#include <enfold/linked_set.h>
#include <enfold/object_set.h>
#include <enfold/session.h>

#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "arguments.h"
#include "compile.h"

namespace tool {

using Bytes = std::vector<std::byte>;

// What each input holds, in their order; null for those that are linked from their files.
using Contents = std::vector<std::shared_ptr<const Bytes>>;

// A set and the bytes that it borrows.
struct Prepared {
  enfold::ObjectSet set;
  Contents contents;
};

std::expected<Prepared, std::string> prepare(const LinkArguments& arguments);

// A name on the command line as a path that stays good when the program changes directory.
std::string path_of(const LinkArguments& arguments, const std::string& name);

CompileOptions compile_options(const LinkArguments& arguments);

// Null when the file has to be linked as a file. Files of a program that is replaced are read, since they may be
// written while they are linked.
std::expected<std::shared_ptr<const Bytes>, std::string> read_content(const LinkArguments& arguments,
                                                                      const Input& file);

// Compiles sources and reads standard input, and files of what is replaceable.
std::expected<Contents, std::string> read_contents(const LinkArguments& arguments);
enfold::ObjectSet make_set(const LinkArguments& arguments, const Contents& contents);

// The set of the --base files as the program's own command line would give it.
LinkArguments base_arguments(const LinkArguments& arguments);

// A session with the command line's memory, threads and defined symbols.
enfold::Expected<std::unique_ptr<enfold::Session>> open_session(const LinkArguments& arguments,
                                                                enfold::SessionOptions options);

// Links the --base files; nothing where there are none.
enfold::Expected<std::optional<enfold::LinkedSet>> link_base(const LinkArguments& arguments, enfold::Session& session);

}  // namespace tool

#endif  // ENFOLD_TOOL_PREPARE_H_
