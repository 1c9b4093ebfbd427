// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: The run time's own thread-local state, the exceptions being handled, is each thread's beside the program's.
// matrix: tls-brief
#include <cstdio>
#include <exception>
#include <pthread.h>

static thread_local int depth;
static void* run(void* levels) {
  long n = reinterpret_cast<long>(levels);
  try {
    throw n;
  } catch (long caught) {
    depth += std::current_exception() != nullptr;
    if (caught > 1) run(reinterpret_cast<void*>(caught - 1));
  }
  return reinterpret_cast<void*>(static_cast<long>(depth));
}

int main() {
  pthread_t thread;
  void* result;
  run(reinterpret_cast<void*>(2));
  pthread_create(&thread, nullptr, run, reinterpret_cast<void*>(5));
  pthread_join(thread, &result);
  std::printf("%ld %d %d\n", reinterpret_cast<long>(result), depth, std::uncaught_exceptions());
}
