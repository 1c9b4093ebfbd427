// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "script.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace tool {
namespace {

constexpr std::size_t kLongestLine = 256;  // the kernel's

// The first line of a script, without its end; empty for any other file.
std::string first_line(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return {};
  struct stat status {};
  std::array<char, kLongestLine> bytes{};
  const bool regular = ::fstat(file, &status) == 0 && S_ISREG(status.st_mode);
  const ssize_t size = regular ? ::read(file, bytes.data(), bytes.size()) : 0;
  ::close(file);
  std::string line(bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  line.resize(std::min(line.find('\n'), line.size()));
  return line.starts_with("#!") ? line : std::string();
}

}  // namespace

bool is_script(const std::string& path) { return !first_line(path).empty(); }

bool is_plain_script(const std::string& path) {
  const std::string_view name = std::string_view(path).substr(path.rfind('/') + 1);
  return name.find('.') == name.npos && first_line(path).find("enfold") != std::string::npos;
}

std::string script_source(const std::string& path, std::string_view text) {
  std::string source = "#line 2 \"";
  for (const char c : path) {
    if (c == '"' || c == '\\') source += '\\';
    source += c;
  }
  text.remove_prefix(std::min(text.find('\n'), text.size()));
  return source.append("\"").append(text);
}

}  // namespace tool
