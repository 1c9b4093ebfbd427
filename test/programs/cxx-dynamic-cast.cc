// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: dynamic_cast and typeid tell classes of a hierarchy apart, sideways and to void*, and fail as they should.
#include <cstdio>
#include <typeinfo>

struct Shape { virtual ~Shape() = default; };
struct Named { virtual ~Named() = default; int tag = 5; };
struct Circle : Shape, Named {};
struct Square : Shape {};

int main(int argc, char**) {
  Circle circle;
  Square square;
  Shape* shapes[] = {&circle, &square};
  for (Shape* s : shapes) {
    Named* named = dynamic_cast<Named*>(s);
    std::printf("%s %d %d\n", typeid(*s).name(), named ? named->tag : -1, dynamic_cast<void*>(s) == s);
  }
  try {
    (void)dynamic_cast<Circle&>(*shapes[argc]);
  } catch (const std::bad_cast& e) {
    std::puts(e.what());
  }
}
