// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A destructor that runs because of an exception may throw and catch within, and sees one that is on its way.
// models: default fPIC no-pic
// why: the code in question is the same in the other models
#include <cstdio>
#include <exception>

struct Careful {
  ~Careful() {
    int before = std::uncaught_exceptions();
    try {
      throw "within";
    } catch (const char* text) {
      std::printf("%s %d %d\n", text, before, std::uncaught_exceptions());
    }
  }
};

int main() {
  try {
    Careful careful;
    throw 1;
  } catch (int) {
    std::printf("outside %d\n", std::uncaught_exceptions());
  }
}
