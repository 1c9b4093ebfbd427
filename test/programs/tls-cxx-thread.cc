// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: std::thread runs with thread_local containers, whose memory each thread fills and frees.
// matrix: tls-brief
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

static thread_local std::vector<std::string> words;
static thread_local std::string own = "a word that is too long for its own buffer";
static void add(int n) {
  for (int i = 0; i < n; i++) words.push_back(own + std::to_string(i));
}

int main() {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; i++) threads.emplace_back(add, 100);
  add(3);
  for (std::thread& thread : threads) thread.join();
  std::printf("%zu %s\n", words.size(), words.back().c_str());
}
