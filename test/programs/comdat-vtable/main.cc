// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A class without a key function has its vtable and type_info in every object, and they act as one.
#include <cstdio>
#include <typeinfo>
#include "animal.h"

Animal* make_other_cat();
const std::type_info& other_cat_type();

int main() {
  Animal* a = make_other_cat();
  Cat own;
  std::printf("%s %s\n", a->sound(), own.sound());
  std::printf("%d %d\n", dynamic_cast<Cat*>(a) != nullptr, dynamic_cast<Dog*>(a) != nullptr);
  std::printf("%d %d\n", typeid(*a) == typeid(own), &typeid(own) == &other_cat_type());
  delete a;
}
