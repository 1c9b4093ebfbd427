// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "orphan.h"

#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <memory>

namespace tool {
namespace {

constexpr std::size_t kStackSize = std::size_t{256} << 10;

struct Start {
  const Orphan& orphan;
  int error = 0;
};

// In our memory, while we wait.
int start(void* argument) {
  auto& s = *static_cast<Start*>(argument);
  pid_t ignored = 0;
  s.error = ::posix_spawn(&ignored, s.orphan.path, s.orphan.actions, s.orphan.attributes, s.orphan.argv,
                          s.orphan.environment);
  ::_exit(0);
}

}  // namespace

int start_orphan(const Orphan& orphan) {
  auto stack = std::make_unique_for_overwrite<std::max_align_t[]>(kStackSize / sizeof(std::max_align_t));
  Start s{.orphan = orphan};
  // Stacks grow downwards wherever this runs. The low byte of the flags is the signal at the end: none.
  int child = ::clone(start, stack.get() + kStackSize / sizeof(std::max_align_t), CLONE_VM | CLONE_VFORK, &s);
  if (child < 0) return errno;
  while (::waitpid(child, nullptr, static_cast<int>(__WCLONE)) < 0 && errno == EINTR) {
  }
  return s.error;
}

}  // namespace tool
