// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A thread_local variable within a lambda belongs to the lambda, one for each thread.
// matrix: tls-brief
#include <cstdio>
#include <pthread.h>

template <class F> static void* call(void* f) {
  (*static_cast<F*>(f))();
  return (*static_cast<F*>(f))();
}

int main() {
  auto next = [] {
    static thread_local long count = 10;
    return reinterpret_cast<void*>(++count);
  };
  pthread_t thread;
  void* result;
  next();
  pthread_create(&thread, nullptr, call<decltype(next)>, &next);
  pthread_join(thread, &result);
  std::printf("%ld %ld\n", reinterpret_cast<long>(result), reinterpret_cast<long>(next()));
}
