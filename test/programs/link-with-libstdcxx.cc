// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: With -lstdc++ named on the line, as a compiler driver does, all is as without.
// models: default fPIC no-pic
// why: the standard headers take a while to compile
// link: -lstdc++ -lm -lc
#include <cmath>
#include <cstdio>
#include <string>

int main(int argc, char**) {
  std::string s(static_cast<unsigned long>(argc) + 30, '=');
  std::printf("%s %.6f\n", s.c_str(), std::sqrt(argc + 1.0));
}
