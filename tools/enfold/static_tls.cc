// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "static_tls.h"

#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>

#include <string>
#include <string_view>

namespace tool {
namespace {

constexpr const char* kTunables = "GLIBC_TUNABLES";
constexpr const char* kBefore = "ENFOLD_TUNABLES_BEFORE";  // '=' and the user's, or nothing where there were none
constexpr std::uint64_t kLimit = std::uint64_t{1} << 30;
constexpr std::uint64_t kMargin = 8192;  // for alignment, libraries' own storage, what the C library keeps back

bool restarted = false;

}  // namespace

void restart_with_static_tls(char** command_line, std::uint64_t size) {
  if (restarted || size > kLimit) return;
  const char* given = getenv(kTunables);
  std::string before = given == nullptr ? std::string() : std::string("=") + given;
  std::string tunables = given == nullptr || *given == '\0' ? std::string() : std::string(given) + ":";
  tunables += fmt::format("glibc.rtld.optional_static_tls={}", size + kMargin);
  if (setenv(kBefore, before.c_str(), 1) != 0 || setenv(kTunables, tunables.c_str(), 1) != 0) return;
  execv("/proc/self/exe", command_line);
  restore_tunables();
}

void restore_tunables() {
  const char* before = getenv(kBefore);
  if (before == nullptr) return;
  restarted = true;
  const bool given = *before == '=';
  if (given) {
    setenv(kTunables, std::string(before + 1).c_str(), 1);
  } else {
    unsetenv(kTunables);
  }
  unsetenv(kBefore);
}

}  // namespace tool
