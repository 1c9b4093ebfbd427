// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: The C++ library's streams addressed from a static initialiser and from a table of pointers.
// models: default fPIC no-pic
// why: standard headers of this size take a second to compile
#include <iostream>

static std::ostream* const streams[] = {&std::cout, &std::cerr};
static bool begun = (*streams[0] << "before main\n").good();

int main() {
  *streams[1] << "error\n";
  std::cout << begun << ' ' << (streams[0] == &std::cout) << '\n';
}
