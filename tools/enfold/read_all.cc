// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "read_all.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace tool {

std::expected<std::vector<std::byte>, int> read_all(int descriptor) {
  constexpr std::size_t kChunkSize = 1 << 16;
  std::vector<std::byte> bytes;
  for (;;) {
    std::size_t used = bytes.size();
    bytes.resize(used + kChunkSize);
    ssize_t n = ::read(descriptor, bytes.data() + used, kChunkSize);
    bytes.resize(used + (n > 0 ? static_cast<std::size_t>(n) : 0));
    if (n == 0) return bytes;
    if (n < 0 && errno != EINTR) return std::unexpected(errno);
  }
}

std::expected<std::vector<std::byte>, int> read_file(const std::string& path) {
  int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return std::unexpected(errno);
  auto bytes = read_all(descriptor);
  ::close(descriptor);
  return bytes;
}

}  // namespace tool
