// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "restart.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "library_variables.h"
#include "runtime/loadable_file.h"
#include "runtime/thread_carrier.h"
#include "start.h"

extern "C" {
extern const std::byte enfold_allocator_object[], enfold_allocator_object_end[];
}

namespace tool {
namespace {

constexpr std::uint64_t kDefault = 512;  // what the tunable is without us
constexpr std::uint64_t kLimit = std::uint64_t{1} << 30;
constexpr std::uint8_t kUsualP2align = 6;  // what every process has

// Files that the new process loads: they live until it is there.
class Preloads {
 public:
  Preloads() = default;
  Preloads(const Preloads&) = delete;
  Preloads& operator=(const Preloads&) = delete;
  ~Preloads() {
    for (int file : files_) close(file);
  }

  // False where there is no file for it.
  bool add_object(std::span<const std::byte> object) {
    const int file = enfold::runtime::create_memory_file("enfold");
    if (file < 0) return false;
    files_.push_back(file);
    return enfold::runtime::write_all(file, object) == 0 && fcntl(file, F_SETFD, 0) == 0;
  }

  void add_library(const std::string& library) { libraries_.push_back(library); }

  std::vector<std::string> paths() const {
    std::vector<std::string> paths;
    for (int file : files_) paths.push_back(preload_path(file));
    paths.insert(paths.end(), libraries_.begin(), libraries_.end());
    return paths;
  }

 private:
  std::vector<int> files_;
  std::vector<std::string> libraries_;
};

// An object that has nothing but thread-local storage of that alignment.
std::vector<std::byte> aligned_object(std::uint8_t p2align) {
  return enfold::runtime::make_carrier_file({.image = {.bytes = {}, .size = 1, .p2align = p2align}}, 0).bytes;
}

}  // namespace

void restart_with(const Arguments& arguments, const enfold::Lack& lack, const std::vector<std::string>& variables) {
  const Start& start = arguments.start;
  const enfold::StaticStorage& storage = lack.static_storage;
  const bool more_storage = storage.size != 0;
  if (lack.allocator && start.replaceable_allocator) return;  // it was no cure
  if (more_storage && (start.static_thread_storage >= kLimit || storage.size > kLimit)) return;
  if (arguments.link.reads_standard_input()) return;  // it is read
  std::vector<std::string> libraries = start.libraries;
  for (const std::string& library : lack.libraries) {
    const bool no_cure = std::ranges::find(libraries, library) != libraries.end();
    if (no_cure || library.find_first_of(": ") != library.npos) return;  // LD_PRELOAD cannot say it
    libraries.push_back(library);
  }
  std::vector<std::string> copied = start.variables;
  for (const std::string& variable : variables) {
    if (std::ranges::find(copied, variable) != copied.end()) return;  // it was no cure
    copied.push_back(variable);
  }
  NewStart next{.name = arguments.link.name,
                .program_arguments = arguments.program_arguments,
                .replaceable_allocator = lack.allocator || start.replaceable_allocator,
                .static_thread_storage = start.static_thread_storage,
                .static_p2align = std::max(storage.p2align, start.static_p2align),
                .variables = copied};
  if (more_storage) {
    next.static_thread_storage = std::max(storage.size + kDefault, 2 * start.static_thread_storage);
  }
  Preloads preloads;
  if (next.static_p2align > kUsualP2align && !preloads.add_object(aligned_object(next.static_p2align))) return;
  if (next.replaceable_allocator && !preloads.add_object({enfold_allocator_object, enfold_allocator_object_end})) return;
  if (!copied.empty()) {
    const std::vector<std::byte> object = object_of_variables(copied);
    if (object.empty() || !preloads.add_object(object)) return;
  }
  for (const std::string& library : libraries) preloads.add_library(library);
  next.preloads = preloads.paths();
  start_anew(start, next);
}

}  // namespace tool
