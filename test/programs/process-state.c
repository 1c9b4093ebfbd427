// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: The process is handed over as exec would: free descriptors from 3, one thread, no signal blocked, the C locale.
// opts: O2
// models: default no-pic
// why: the fact is the process's, not the code's
#include <dirent.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>

int main(void) {
  sigset_t blocked;
  sigprocmask(SIG_BLOCK, 0, &blocked);
  int any = 0;
  for (int s = 1; s < 65; s++) any += sigismember(&blocked, s) == 1;
  int threads = -2;
  DIR *tasks = opendir("/proc/self/task");
  while (readdir(tasks)) threads++;
  closedir(tasks);
  printf("%d %d %d %s\n", open("/dev/null", O_RDONLY), any, threads, setlocale(LC_ALL, 0));
  return 0;
}
