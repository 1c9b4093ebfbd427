// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A set with something to run at its beginning and end, thread-locals, and an exception on its way.
#include <stdexcept>
#include <string>

static std::string text("long enough to lie on the heap, with a destructor to run");
static thread_local std::string own("of each thread, and long enough to lie on the heap, too");

extern "C" int answer(int n) {
  try {
    if (n < 0) throw std::runtime_error(own);
    return static_cast<int>(text.size()) * n;
  } catch (const std::runtime_error&) {
    return -1;
  }
}
