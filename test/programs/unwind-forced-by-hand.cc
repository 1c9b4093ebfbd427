// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: _Unwind_ForcedUnwind runs the clean-ups of the program's frames up to where its stop function says.
// opts: O0 O2
// models: default fPIC no-pic
// why: the code in question is the same in the other models
#include <csetjmp>
#include <cstdio>
#include <unwind.h>

struct Noisy {
  const char* name;
  ~Noisy() { std::printf("gone %s\n", name); }
};
static std::jmp_buf back;
static _Unwind_Reason_Code stop(int, _Unwind_Action, _Unwind_Exception_Class, _Unwind_Exception*,
                                _Unwind_Context* context, void* cfa) {
  if (_Unwind_GetCFA(context) > reinterpret_cast<_Unwind_Word>(cfa)) std::longjmp(back, 1);
  return _URC_NO_REASON;
}
[[gnu::noinline]] static void inner(void* cfa) {
  static _Unwind_Exception exception;
  Noisy noisy{"inner"};
  _Unwind_ForcedUnwind(&exception, stop, cfa);
}
[[gnu::noinline]] static void outer(void* cfa) {
  Noisy noisy{"outer"};
  inner(cfa);
}

int main() {
  char here;
  if (setjmp(back) == 0) outer(&here);
  std::puts("main goes on");
}
