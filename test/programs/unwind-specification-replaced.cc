// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A handler of std::unexpected may throw an exception that the specification allows instead.
// flags: -std=gnu++14 -Wno-deprecated
// models: default fPIC no-pic
// why: the code in question is the same in the other models
#include <cstdio>
#include <exception>

[[gnu::noinline]] static void promise(int n) throw(long) {
  if (n > 0) throw "text";
}

int main(int argc, char**) {
  std::set_unexpected([] { throw 5L; });
  try {
    promise(argc);
  } catch (long n) {
    std::printf("replaced by %ld\n", n);
  }
}
