// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Coroutines: a generator is resumed, finished and destroyed.
// flags-gcc: -fcoroutines
#include <coroutine>
#include <cstdio>

struct Generator {
  struct promise_type {
    int value = 0;
    Generator get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    std::suspend_always yield_value(int v) { return value = v, std::suspend_always{}; }
    void return_void() {}
    void unhandled_exception() {}
  };
  std::coroutine_handle<promise_type> handle;
};
static Generator squares(int n) {
  for (int i = 1; i <= n; i++) co_yield i * i;
}

int main() {
  Generator g = squares(4);
  for (g.handle.resume(); !g.handle.done(); g.handle.resume()) std::printf("%d\n", g.handle.promise().value);
  g.handle.destroy();
}
