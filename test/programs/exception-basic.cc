// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: An exception is thrown and caught within a function and across one, destructors run on the way.
#include <cstdio>
#include <stdexcept>

struct Note {
  const char* text;
  ~Note() { std::printf("leaving %s\n", text); }
};
static int parse(const char* text) {
  Note note{text};
  if (text[0] < '0') throw std::invalid_argument("not a number");
  if (text[0] > '9') throw 42;
  return text[0] - '0';
}

int main() {
  for (const char* text : {"7", "x", "-"}) {
    try {
      std::printf("%d\n", parse(text));
    } catch (const std::exception& e) {
      std::printf("exception: %s\n", e.what());
    } catch (int n) {
      std::printf("int: %d\n", n);
    }
  }
}
