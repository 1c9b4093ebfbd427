// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A fork in the middle of everything. The child, which has but the thread that forked, links, throws, starts threads,
// unloads what its parent had linked, and exits.
#include <cerrno>
#include <cstdlib>
#include <mutex>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

#include "actor.h"

// Stacks of threads that the child does not have are no roots there.
extern "C" int __lsan_is_turned_off();
extern "C" int __lsan_is_turned_off() { return enfold::storm::in_child() ? 1 : 0; }

namespace enfold::storm {

void Actor::fork_child() {
  if (in_child()) return;
  if (kSanitizer) {
    world_.running.unlock_shared();
    world_.running.lock();
  }
  world_.loader.lock();
  for (const auto& place : world_.places) place->board_mutex.lock();
  const pid_t child = ::fork();
  if (child == 0) set_in_child();
  for (const auto& place : world_.places) place->board_mutex.unlock();
  if (child == 0) be_child();
  world_.loader.unlock();
  if (kSanitizer) {
    world_.running.unlock();
    world_.running.lock_shared();
  }
  expect(child > 0, "fork: " + std::to_string(errno));
  await(child);
}

void Actor::be_child() {
  doing_ = &doings().children[number_];
  begin("link");
  link_and_unload();
  begin("use");
  use_shown();
  begin("throw");
  throw_through();
  if (!kThreadSanitizer) {  // which ends children that start threads
    begin("threads");
    start_threads();
  }
  begin("open library");
  open_library();
  begin("link with library");
  link_with_library();
  begin("link shared object");
  if (!kThreadSanitizer) link_shared_object();
  begin("unload");
  for (const auto& place : world_.places) {
    place_ = place.get();
    for (auto& shown : place->board) {
      if (shown && !shown->replaceable && chance(50)) shown.reset();
    }
    if (chance(50)) unload_all();
  }
  begin("exit");
  if (chance(50)) std::exit(0);
  if (chance(50)) std::quick_exit(0);
  ::_exit(0);
}

void Actor::await(pid_t child) {
  begin("wait for a child");
  int status = 0;
  while (::waitpid(child, &status, WNOHANG) == 0) ::usleep(500);
  doings().children[number_].end();
  expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "a child ended with status " + std::to_string(status));
}

}  // namespace enfold::storm
