// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: atexit handlers and static destructors run in one order, the reverse of their registration; .fini_array last.
#include <cstdio>
#include <cstdlib>

struct Log {
  explicit Log(const char* n) : name(n) {}
  ~Log() { std::puts(name); }
  const char* name;
};
Log global("global");
__attribute__((destructor)) static void fini() { std::puts("fini_array"); }
__attribute__((constructor)) static void init() {
  std::atexit([] { std::puts("atexit of a constructor function"); });
}

int main() {
  std::atexit([] { std::puts("atexit 1"); });
  static Log local("static of main");
  std::atexit([] { std::puts("atexit 2"); });
}
