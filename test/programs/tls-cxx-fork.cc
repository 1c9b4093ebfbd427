// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A child of fork that calls exit destroys its copy of the thread's objects; one that calls _exit does not.
// matrix: tls-brief
#include <cstdio>
#include <cstdlib>
#include <sys/wait.h>
#include <unistd.h>

struct Noisy {
  const char* name;
  ~Noisy() { std::printf("gone %s\n", name); }
};
static thread_local Noisy local{"parent's"};
static void child(bool quick) {
  std::fflush(stdout);
  if (fork() == 0) {
    local.name = "child's";
    quick ? _exit(0) : std::exit(0);
  }
  wait(nullptr);
}

int main() {
  std::puts(local.name);
  child(false);
  child(true);
  std::puts("end");
}
