// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <typeinfo>
#include "animal.h"
Animal* make_other_cat() { return new Cat; }
const std::type_info& other_cat_type() { return typeid(Cat); }
Animal* make_other_dog() { return new Dog; }
