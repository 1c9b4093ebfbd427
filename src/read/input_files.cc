// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "read/input_files.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "name_tables.h"
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
  FileOpener(const ObjectSet& set, std::span<const ElfMachine> machines, Opened& opened)
      : search_(set.search_directories()), machines_(machines), opened_(opened) {}

  void open(const ObjectSet::Input& input);

 private:
  void open_library(const std::string& name, Request request);
  bool fits(const std::string& path);
  std::string searched();
  void open_path(const std::string& path, Request request);
  void follow_script(const std::string& path, const FileBytes& file, Request request);
  void open_script_input(const ScriptInput& input, const std::string& script_path, Request request);
  void add(InputFile file);
  void fail(Error error) { opened_.fail(std::move(error)); }

  LibrarySearch search_;
  const std::span<const ElfMachine> machines_;
  Opened& opened_;
  std::map<FileId, std::size_t> libraries_;  // archives and shared libraries: indices among the files
  std::shared_ptr<const FileBytes> tried_;   // the last one that was searched for
  std::string passed_over_;                  // what that search came by: "path (what it is), "
  std::vector<FileId> open_scripts_;    // the script that is being followed, and those that led to it
  std::size_t script_input_count_ = 0;
};

void FileOpener::open(const ObjectSet::Input& input) {
  const Request request{.whole_archive = input.whole_archive, .as_needed = input.as_needed};
  if (input.kind == ObjectSet::Input::Kind::kLibrary) {
    open_library(input.name, request);
  } else {
    open_path(input.name, request);
  }
}

void FileOpener::open_library(const std::string& name, Request request) {
  passed_over_.clear();
  const auto path = search_.find_library(name, [&](const std::string& found) { return fits(found); });
  if (path) return open_path(*path, request);
  fail(Error(ErrorCode::kNotFound, "library not found; " + searched(), {.object = "-l" + name}));
}

// Systems keep libraries of one name for several machines, and builds name the directories of all.
bool FileOpener::fits(const std::string& path) {
  auto file = FileBytes::open(path);
  if (!file) return true;  // which is an error then
  const auto foreign = foreign_machine(Source(**file), path, machines_);
  if (!foreign) tried_ = std::move(*file);
  if (foreign) passed_over_ += fmt::format("{}{} ({})", passed_over_.empty() ? "" : ", ", path, *foreign);
  return !foreign;
}

// Of the last search, for errors.
std::string FileOpener::searched() {
  const std::string found = passed_over_.empty() ? "" : "found only for other machines: " + passed_over_ + "; ";
  return found + "searched " + search_.directories();
}

void FileOpener::open_path(const std::string& path, Request request) {
  auto file = FileBytes::open(path, std::exchange(tried_, nullptr));
  if (!file) return fail(std::move(file.error()));
  const Source source(**file);
  auto kind = identify(source.beginning(), path);
  if (!kind) return fail(std::move(kind.error()));
  if (*kind == FileKind::kLinkerScript) return follow_script(path, **file, request);
  if (*kind == FileKind::kSharedLibrary) {
    if (const auto foreign = foreign_machine(source, path, machines_)) {
      return fail(Error(ErrorCode::kUnsupported, *foreign + " is not supported", {.object = path})
                      .with_cure(std::string(kOtherMachineCure)));
    }
    if (auto library = SharedLibrary::open(source, path); !library) return fail(std::move(library.error()));
  }
  const Bytes bytes = *kind == FileKind::kObject ? (*file)->bytes() : Bytes();
  add({.name = (*file)->path(), .kind = *kind, .whole_archive = request.whole_archive,
       .as_needed = request.as_needed, .bytes = bytes, .storage = std::move(*file)});
}

// An object that is named twice is linked twice, and its symbols clash. Naming a library again asks for nothing new.
void FileOpener::add(InputFile file) {
  if (file.kind != FileKind::kObject) {
    const auto [known_at, fresh] = libraries_.try_emplace(file.storage->id(), opened_.files.size());
    if (!fresh) {
      InputFile& known = opened_.files[known_at->second];
      known.whole_archive |= file.whole_archive;
      known.as_needed &= file.as_needed;
      return;
    }
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
  const auto take = [&](const std::string& found) { return fits(found); };
  passed_over_.clear();
  const auto path = input.is_library ? search_.find_library(input.name, take, directory)
                                     : search_.find_file(input.name, take, directory);
  if (path) return open_path(*path, request);
  const std::string what = (input.is_library ? "-l" : "") + input.name;
  const std::string where = input.name.starts_with('/') ? "" : "; " + searched();
  fail(Error(ErrorCode::kNotFound, "the linker script names '" + what + "', which is not found" + where,
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

// An input that is named twice is wrong once.
Expected<void> Opened::result() {
  if (errors.empty()) return {};
  NameSet<std::string> told;
  std::vector<Error> different;
  for (Error& error : errors) {
    if (told.insert(error.text()).second) different.push_back(std::move(error));
  }
  if (different.size() == 1) return std::unexpected(std::move(different.front()));
  Error all(different.front().code(), std::to_string(different.size()) + " inputs cannot be linked");
  for (Error& error : different) all = std::move(all).with_cause(std::move(error));
  return std::unexpected(std::move(all));
}

}  // namespace

Expected<void> open_inputs(const ObjectSet& set, std::span<const ElfMachine> machines,
                           ScratchVector<InputFile>& files) {
  files.reserve(set.inputs().size());
  Opened opened(files);
  std::unique_ptr<FileOpener> file_opener;  // many sets have nothing for it
  for (const ObjectSet::Input& input : set.inputs()) {
    if (input.is_bytes) {
      open_bytes(input, opened);
    } else {
      if (!file_opener) file_opener = std::make_unique<FileOpener>(set, machines, opened);
      file_opener->open(input);
    }
  }
  return opened.result();
}

}  // namespace enfold::read
