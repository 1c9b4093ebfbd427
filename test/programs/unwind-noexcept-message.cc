// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: An exception that meets noexcept ends the process with the run time's message and its type's name.
// status: 134
#include <cstdio>
#include <stdexcept>

[[gnu::noinline]] static void inner(int n) {
  if (n > 0) throw std::runtime_error("too much");
}
[[gnu::noinline]] static void outer(int n) noexcept { inner(n); }

int main(int argc, char**) {
  try {
    outer(argc);
  } catch (...) {
    std::puts("not reached");
  }
}
