// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Tasks of std::async in threads of their own each have fresh thread_local variables.
// matrix: tls-imported
#include <cstdio>
#include <future>

static thread_local int uses = 1;
static int task(int n) { return uses += n; }

int main() {
  auto a = std::async(std::launch::async, task, 10);
  int first = a.get();
  auto b = std::async(std::launch::async, task, 20);
  auto c = std::async(std::launch::deferred, task, 30);
  int second = b.get(), third = c.get();
  std::printf("%d %d %d %d\n", first, second, third, uses);
}
