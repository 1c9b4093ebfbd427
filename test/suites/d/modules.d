// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Module constructors, of the process and of each thread, run before main and in threads; the run time knows the modules.
import core.thread : Thread;

shared int processes;
int threads;

shared static this() { processes = 1; }
static this() { threads = 1; }

int main() {
  int modules;
  foreach (m; ModuleInfo) ++modules;
  int other;
  auto thread = new Thread({ other = threads; });
  thread.start();
  thread.join();
  return processes == 1 && threads == 1 && other == 1 && modules > 1 ? 0 : 1;
}
