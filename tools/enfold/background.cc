// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "background.h"

#include <pthread.h>
#include <signal.h>

#include <thread>
#include <utility>

namespace tool {

void start_background_thread(const char* name, std::function<void()> work) {
  sigset_t blocked, before;
  sigfillset(&blocked);
  for (int fault : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS, SIGABRT}) sigdelset(&blocked, fault);
  pthread_sigmask(SIG_SETMASK, &blocked, &before);
  std::thread thread(std::move(work));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_setname_np(thread.native_handle(), name);
  thread.detach();
}

}  // namespace tool
