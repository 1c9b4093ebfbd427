// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Handlers that program and library register in turns, before exit and from handlers, run in one order.
// shared: libturns.so = turns.c
// status: 5
#include <cstdio>
#include <cstdlib>

extern "C" void library_registers(const char* text);
extern "C" void library_registers_caller(void (*function)());
extern "C" int on_exit(void (*)(int, void*), void*);

namespace {
struct Says {
  const char* text;
  ~Says() { std::puts(text); }
};
void make_static() { static const Says says{"function's static, made by a handler"}; }
void late() { std::puts("late"); }
void with_status(int status, void* text) { std::printf("%s %d\n", static_cast<const char*>(text), status); }
void registers_more() {
  std::puts("program's third");
  std::atexit(late);
  library_registers("library's, from a handler");
  make_static();
  on_exit(with_status, const_cast<char*>("with status"));
  std::atexit(late);
}
void leaves() {
  std::puts("leaves");
  library_registers("library's, before another exit");
  std::atexit(late);
  std::exit(5);
}
const Says first{"static"};
}  // namespace

int main() {
  library_registers("library's first");
  std::atexit([] { std::puts("program's first"); });
  std::atexit([] { std::puts("program's second"); });
  library_registers("library's second");
  std::atexit(registers_more);
  library_registers_caller(leaves);
  library_registers("library's third");
  std::atexit(leaves);
  return 1;
}
