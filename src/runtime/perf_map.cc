// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/perf_map.h"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <string>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "fork.h"
#include "runtime/process_file.h"

namespace enfold::runtime {
namespace {

// Whether others in this process have begun the file: then their lines stay. One that an earlier process of the same
// number left was last written before this process's directory in /proc came to be.
bool was_begun_by_this_process(int file) {
  struct stat written {}, process {};
  if (fstat(file, &written) != 0 || stat("/proc/self/stat", &process) != 0) return false;
  const auto time = [](const timespec& t) { return std::pair(t.tv_sec, t.tv_nsec); };
  return time(written.st_mtim) >= time(process.st_mtim);
}

class PerfMap final : public ProcessFile {
 public:
  // A child knows its parent's functions, too.
  Expected<int> make(std::string& path, int before) override {
    path = fmt::format("/tmp/perf-{}.map", getpid());
    Expected<int> file = create_profile_file(path.c_str(), was_begun_by_this_process);
    if (!file || before < 0) return file;
    if (auto done = copy(before, *file, path.c_str()); !done) {
      close(*file);
      return std::unexpected(std::move(done).error());
    }
    return file;
  }

  std::string render(std::span<const LinkedFunction> functions) override {
    std::string text;
    for (const LinkedFunction& function : functions) {
      fmt::format_to(std::back_inserter(text), "{:x} {:x} ", value(function.address), function.size);
      for (const char c : function.name) text += c == '\n' ? '?' : c;
      text += '\n';
    }
    return text;
  }

 private:
  static Expected<void> copy(int from, int to, const char* path) {
    std::vector<char> buffer(std::size_t{64} << 10);
    for (off_t at = 0;;) {
      const ssize_t size = pread(from, buffer.data(), buffer.size(), at);
      if (size < 0) return std::unexpected(profile_error("pread", path, errno));
      if (size == 0) return {};
      at += size;
      if (auto done = append(to, {buffer.data(), static_cast<std::size_t>(size)}, path); !done) return done;
    }
  }
};

}  // namespace

Expected<Profile*> open_perf_map() {
  PerfMap& the = lasting<PerfMap>();
  if (auto done = the.open(); !done) return std::unexpected(std::move(done).error());
  return &the;
}

}  // namespace enfold::runtime
