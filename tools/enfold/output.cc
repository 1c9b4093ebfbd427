// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "status.h"

namespace tool {

std::optional<std::string> write_file(const std::string& path, std::string_view text) {
  if (path == "-") {
    return write_all(STDOUT_FILENO, text) ? std::nullopt : std::optional<std::string>("cannot write to standard output");
  }
  auto failure = [&] { return fmt::format("{}: cannot write: {}", path, std::strerror(errno)); };
  int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0) return failure();
  std::optional<std::string> error;
  if (!write_all(descriptor, text)) error = failure();
  if (::close(descriptor) != 0 && !error) error = failure();
  return error;
}

}  // namespace tool
