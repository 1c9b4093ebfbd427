// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A coroutine that is resumed by another thread uses that thread's variables.
// matrix: tls-brief
#include <coroutine>
#include <cstdio>
#include <pthread.h>

struct Task {
  struct promise_type {
    Task get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() {}
  };
  std::coroutine_handle<promise_type> handle;
};
static thread_local int value = 1;
[[gnu::noinline]] static void bump() { std::printf("%d\n", value += 10); }
static Task work() {
  bump();
  co_await std::suspend_always();
  bump();
}
static void* resume(void* address) {
  value = 500;
  std::coroutine_handle<>::from_address(address).resume();
  return nullptr;
}

int main() {
  pthread_t thread;
  Task task = work();
  task.handle.resume();
  pthread_create(&thread, nullptr, resume, task.handle.address());
  pthread_join(thread, nullptr);
  std::printf("%d %d\n", value, task.handle.done());
  task.handle.destroy();
}
