// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A shared library that is opened and closed all the time.
namespace {

struct Offset {
  Offset() : n(5) {}
  ~Offset() { n = 0; }
  int n;
};

Offset offset;
thread_local int calls = 0;

}  // namespace

extern "C" int storm_library(int n) { return n + offset.n + (++calls > 0 ? 0 : 1); }
