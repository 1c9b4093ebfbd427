// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: std::thread starts and joins threads that run lambdas, and an exception stays within its thread.
// models: default fPIC no-pic
// why: standard headers of this size take a second to compile
#include <atomic>
#include <cstdio>
#include <thread>
#include <vector>

int main() {
  std::atomic<int> sum = 0, caught = 0;
  std::vector<std::thread> threads;
  for (int i = 1; i <= 4; i++)
    threads.emplace_back([&, i] {
      try {
        if (i == 3) throw i;
        sum += i;
      } catch (int n) {
        caught += n;
      }
    });
  for (std::thread& t : threads) t.join();
  std::printf("%d %d\n", sum.load(), caught.load());
}
