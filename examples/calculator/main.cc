// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// calculator EXPRESSION...: prints each with its value. The status is the number of those that have none.
#include <iomanip>
#include <iostream>

#include "expression.h"

int main(int argc, char** argv) {
  int failed_count = 0;
  std::cout << std::setprecision(10);
  for (int i = 1; i < argc; ++i) {
    try {
      const calculator::Pointer expression = calculator::parse(argv[i]);
      expression->print(std::cout);
      std::cout << " = " << std::flush << expression->value() << '\n';
    } catch (const calculator::SyntaxError& error) {
      std::cout << argv[i] << ": " << error.what() << '\n';
      ++failed_count;
    } catch (const std::exception& error) {
      std::cout << error.what() << '\n';
      ++failed_count;
    }
  }
  return failed_count;
}
