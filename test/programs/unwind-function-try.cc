// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Members and bases that are complete are destroyed when a constructor throws, function try block or not.
#include <cstdio>

struct Part {
  const char* name;
  Part(const char* n, bool bad = false) : name(n) {
    if (bad) throw name;
  }
  ~Part() { std::printf("gone %s\n", name); }
};
struct Whole : Part {
  Part first, second, third;
  Whole() try : Part("base"), first("first"), second("second", true), third("third") {
  } catch (const char* name) {
    std::printf("from %s\n", name);
    throw 2;
  }
  ~Whole() { std::puts("not reached"); }
};

int main() {
  try {
    Whole whole;
  } catch (int n) {
    std::printf("main %d\n", n);
  }
  try {
    Part* parts = new Part[3]{{"a"}, {"b"}, {"c", true}};
    delete[] parts;
  } catch (const char* name) {
    std::printf("array stopped at %s\n", name);
  }
}
