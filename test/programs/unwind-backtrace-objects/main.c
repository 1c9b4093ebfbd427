// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: _Unwind_Backtrace counts the frames of several objects, at -O2 as at -O0, down to main.
// flags: -fno-optimize-sibling-calls -fno-omit-frame-pointer
// models: default fPIC no-pic
// why: the code in question is the same in the other models
#include <stdio.h>
#include <unwind.h>
int through(int (*call)(int), int n);
static void *main_frame;
static _Unwind_Reason_Code count(struct _Unwind_Context *context, void *frames) {
  ++*(int *)frames;
  void *function = _Unwind_FindEnclosingFunction((void *)_Unwind_GetIP(context));
  return function == main_frame ? _URC_END_OF_STACK : _URC_NO_REASON;
}
__attribute__((noinline)) static int depth(int n) {
  int frames = 0;
  if (n > 0) return through(depth, n - 1) + 0 * n;
  _Unwind_Backtrace(count, &frames);
  return frames;
}
int main(void) {
  main_frame = (void *)main;
  int none = through(depth, 0);
  int three = through(depth, 3);
  printf("%d\n", three - none);
  return 0;
}
