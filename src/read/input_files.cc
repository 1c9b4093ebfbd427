// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "read/input_files.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "rare_vector.h"
#include "read/library_search.h"
#include "read/linker_script.h"
#include "read/shared_library.h"

namespace enfold::read {
namespace {

// Scripts that name scripts: real ones nest two deep and name ten files.
constexpr std::size_t kMaxScriptDepth = 16;
constexpr std::size_t kMaxScriptInputs = 10'000;

// How a file was asked for.
struct Request {
  bool whole_archive = false;
  bool as_needed = false;
};

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "./" : path.substr(0, slash + 1);
}

// What inputs became so far, and what is wrong with them.
struct Opened {
  explicit Opened(ScratchVector<InputFile>& found) : files(found) {}

  void fail(Error error) { errors.push_back(std::move(error)); }
  Expected<void> result();

  ScratchVector<InputFile>& files;
  RareVector<Error> errors;
};

// Opens those that are files, and what they name.
class FileOpener {
 public:
  FileOpener(const ObjectSet& set, Opened& opened) : search_(set.search_directories()), opened_(opened) {}

  void open(const ObjectSet::Input& input);

 private:
  void open_library(const std::string& name, Request request);
  void open_path(const std::string& path, Request request);
  void follow_script(const std::string& path, const FileBytes& file, Request request);
  void open_script_input(const ScriptInput& input, const std::string& script_path, Request request);
  void add(InputFile file);
  void fail(Error error) { opened_.fail(std::move(error)); }

  LibrarySearch search_;
  Opened& opened_;
  std::vector<std::size_t> libraries_;  // indices of archives and shared libraries among the files
  std::vector<FileId> open_scripts_;    // the script that is being followed, and those that led to it
  std::size_t script_input_count_ = 0;
};

void FileOpener::open(const ObjectSet::Input& input) {
  const Request request{.whole_archive = input.whole_archive};
  if (input.kind == ObjectSet::Input::Kind::kLibrary) {
    open_library(input.name, request);
  } else {
    open_path(input.name, request);
  }
}

void FileOpener::open_library(const std::string& name, Request request) {
  if (const auto path = search_.find_library(name)) return open_path(*path, request);
  fail(Error(ErrorCode::kNotFound, "library not found; searched " + search_.directories(), {.object = "-l" + name}));
}

void FileOpener::open_path(const std::string& path, Request request) {
  auto file = FileBytes::open(path);
  if (!file) return fail(std::move(file.error()));
  const Bytes bytes = (*file)->bytes();
  auto kind = identify(bytes, path);
  if (!kind) return fail(std::move(kind.error()));
  if (*kind == FileKind::kLinkerScript) return follow_script(path, **file, request);
  if (*kind == FileKind::kSharedLibrary) {
    if (auto library = SharedLibrary::open(bytes, path); !library) return fail(std::move(library.error()));
  }
  add({.name = (*file)->path(), .kind = *kind, .whole_archive = request.whole_archive,
       .as_needed = request.as_needed, .bytes = bytes, .storage = std::move(*file)});
}

// An object that is named twice is linked twice, and its symbols clash. Naming a library again asks for nothing new.
void FileOpener::add(InputFile file) {
  if (file.kind != FileKind::kObject) {
    for (const std::size_t index : libraries_) {
      InputFile& known = opened_.files[index];
      if (known.storage->id() != file.storage->id()) continue;
      known.whole_archive |= file.whole_archive;
      known.as_needed &= file.as_needed;
      return;
    }
    libraries_.push_back(opened_.files.size());
  }
  opened_.files.push_back(std::move(file));
}

void FileOpener::follow_script(const std::string& path, const FileBytes& file, Request request) {
  if (std::ranges::find(open_scripts_, file.id()) != open_scripts_.end()) {
    return fail(Error(ErrorCode::kMalformed, "the linker script includes itself", {.object = path}));
  }
  if (open_scripts_.size() == kMaxScriptDepth) {
    return fail(Error(ErrorCode::kMalformed, "linker scripts are nested too deeply", {.object = path}));
  }
  auto script = parse_linker_script(file.bytes(), path);
  if (!script) return fail(std::move(script.error()));
  for (std::string& directory : script->search_directories) search_.add(std::move(directory));
  open_scripts_.push_back(file.id());
  for (const ScriptInput& input : script->inputs) {
    if (++script_input_count_ > kMaxScriptInputs) {
      fail(Error(ErrorCode::kMalformed, "linker scripts name too many inputs",
                 {.object = path, .offset = input.offset}));
      break;
    }
    open_script_input(input, path, {request.whole_archive, request.as_needed || input.as_needed});
  }
  open_scripts_.pop_back();
}

void FileOpener::open_script_input(const ScriptInput& input, const std::string& script_path, Request request) {
  const std::string directory = directory_of(script_path);
  const auto path = input.is_library ? search_.find_library(input.name, directory)
                                     : search_.find_file(input.name, directory);
  if (path) return open_path(*path, request);
  const std::string what = (input.is_library ? "-l" : "") + input.name;
  const std::string searched = input.name.starts_with('/') ? "" : "; searched " + search_.directories();
  fail(Error(ErrorCode::kNotFound, "the linker script names '" + what + "', which is not found" + searched,
             {.object = script_path, .offset = input.offset}));
}

void open_bytes(const ObjectSet::Input& input, Opened& opened) {
  const Bytes bytes(input.bytes);
  if (opened.files.empty()) fetch_ahead(bytes);  // the others' turn comes when the one before is read
  auto kind = identify(bytes, input.name);
  if (!kind) return opened.fail(std::move(kind.error()));
  if (*kind == FileKind::kSharedLibrary || *kind == FileKind::kLinkerScript) {
    return opened.fail(Error(ErrorCode::kUnsupported, "only objects and archives can be linked from memory",
                             {.object = input.name})
                           .with_cure("add it as a file"));
  }
  opened.files.push_back({.name = input.name, .kind = *kind, .whole_archive = input.whole_archive, .bytes = bytes,
                          .storage = nullptr});
}

Expected<void> Opened::result() {
  if (errors.empty()) return {};
  if (errors.size() == 1) return std::unexpected(std::move(errors.front()));
  Error all(errors.front().code(), std::to_string(errors.size()) + " inputs cannot be linked");
  for (Error& error : errors) all = std::move(all).with_cause(std::move(error));
  return std::unexpected(std::move(all));
}

}  // namespace

Expected<void> open_inputs(const ObjectSet& set, ScratchVector<InputFile>& files) {
  files.reserve(set.inputs().size());
  Opened opened(files);
  std::unique_ptr<FileOpener> file_opener;  // many sets have nothing for it
  for (const ObjectSet::Input& input : set.inputs()) {
    if (input.is_bytes) {
      open_bytes(input, opened);
    } else {
      if (!file_opener) file_opener = std::make_unique<FileOpener>(set, opened);
      file_opener->open(input);
    }
  }
  return opened.result();
}

}  // namespace enfold::read
