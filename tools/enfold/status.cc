// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "status.h"

#include <unistd.h>

#include <cerrno>
#include <new>
#include <string>

#include <enfold/printable.h>

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

std::string printable_lines(std::string_view text) {
  std::string out;
  for (std::size_t end = text.find('\n'); end != text.npos; end = text.find('\n')) {
    out += enfold::printable(text.substr(0, end)) + '\n';
    text.remove_prefix(end + 1);
  }
  return out + enfold::printable(text);
}

int report(std::string_view text) {
  constexpr std::string_view kHead = "enfold: error: ";
  try {
    write_all(STDERR_FILENO, std::string(kHead) + printable_lines(text) + '\n');
  } catch (const std::bad_alloc&) {
    for (const std::string_view part : {kHead, std::string_view(kNoMemory), std::string_view("\n")}) {
      write_all(STDERR_FILENO, part);
    }
  }
  return kOwnError;
}

}  // namespace tool
