// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: With -fnon-call-exceptions a signal handler throws, and the function that faulted catches.
// flags: -fnon-call-exceptions -fasynchronous-unwind-tables
// compilers: gcc
// opts: O0 O2
// models: default fPIC no-pic
// why: clang has no -fnon-call-exceptions; the code in question is the same in the other models
#include <csignal>
#include <cstdio>

static void handler(int signal) { throw signal; }
[[gnu::noinline]] static int load(const volatile int* where) { return *where; }

int main() {
  struct sigaction action = {};
  action.sa_handler = handler;
  action.sa_flags = SA_NODEFER;
  sigaction(SIGSEGV, &action, nullptr);
  for (int i = 0; i < 2; i++) {
    try {
      std::printf("%d\n", load(reinterpret_cast<int*>(8)));
    } catch (int signal) {
      std::printf("caught %d\n", signal == SIGSEGV);
    }
  }
}
