// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "status.h"

#include <unistd.h>

#include <cerrno>
#include <string>

namespace tool {

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    ssize_t n = ::write(descriptor, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

int report(std::string_view text) {
  std::string line = "enfold: error: ";
  line += text;
  line += '\n';
  write_all(STDERR_FILENO, line);
  return kOwnError;
}

}  // namespace tool
