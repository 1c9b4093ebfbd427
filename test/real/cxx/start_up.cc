// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <cstdio>
#include <cstdlib>

#include "shape.h"

std::vector<std::string>& start_up() {
  static std::vector<std::string> events;
  return events;
}

namespace {

struct Event {
  explicit Event(const char* n) : name(n) { start_up().push_back(name); }
  ~Event() { std::printf("destroyed: %s\n", name); }
  const char* name;
};

[[gnu::init_priority(2000)]] Event late("object 2000");
[[gnu::init_priority(150)]] Event early("object 150");
Event ordinary("object");

[[gnu::constructor(160)]] void function_160() { start_up().push_back("function 160"); }
[[gnu::constructor(2500)]] void function_2500() { start_up().push_back("function 2500"); }
[[gnu::constructor]] void function_plain() { start_up().push_back("function"); }

[[gnu::destructor(160)]] void last_160() { std::puts("finaliser 160"); }
[[gnu::destructor(2500)]] void last_2500() { std::puts("finaliser 2500"); }
[[gnu::destructor]] void last_plain() { std::puts("finaliser"); }

}  // namespace
