// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Starts a process that the running program knows nothing of. A child of ours would be one of the program's: its end
// would raise SIGCHLD there, and the program's wait() would return it. So it is started by a child in between that ends
// at once, raises no signal, and is seen by nobody who does not ask for such children (clone(2), __WCLONE). The process
// itself then is the init process's.
#ifndef ENFOLD_TOOL_ORPHAN_H_
#define ENFOLD_TOOL_ORPHAN_H_

#include <spawn.h>

namespace tool {

struct Orphan {
  const char* path = nullptr;
  char* const* argv = nullptr;
  char* const* environment = nullptr;
  const posix_spawn_file_actions_t* actions = nullptr;
  const posix_spawnattr_t* attributes = nullptr;
};

// 0 or an errno value. Threads: the caller should have its signals blocked.
int start_orphan(const Orphan& orphan);

}  // namespace tool

#endif  // ENFOLD_TOOL_ORPHAN_H_
