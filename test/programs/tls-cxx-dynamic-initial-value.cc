// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Initial values that must be computed are computed in each thread, in order of definition.
// matrix: tls-brief
#include <cstdio>
#include <pthread.h>

static int calls;
static int next() { return ++calls; }
static thread_local int first = next();
static thread_local int second = first * 100 + next();
static thread_local int& reference = second;

static void* show(void* unused) {
  std::printf("%d %d %d\n", first, second, reference);
  return unused;
}

int main() {
  pthread_t thread;
  show(nullptr);
  pthread_create(&thread, nullptr, show, nullptr);
  pthread_join(thread, nullptr);
}
