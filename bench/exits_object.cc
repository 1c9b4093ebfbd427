// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
namespace {
int live = 0;
struct Object {
  Object() { ++live; }
  ~Object() { --live; }
} object;
}  // namespace
extern "C" __attribute__((visibility("default"))) int exits_answer() { return live; }
