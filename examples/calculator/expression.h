// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_EXAMPLES_CALCULATOR_EXPRESSION_H_
#define ENFOLD_EXAMPLES_CALCULATOR_EXPRESSION_H_

#include <iosfwd>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace calculator {

// A node of an expression's tree.
class Expression {
 public:
  virtual ~Expression();
  virtual double value() const = 0;
  virtual void print(std::ostream& out) const = 0;
};

using Pointer = std::unique_ptr<Expression>;

Pointer make_number(double number);
Pointer make_operation(char symbol, Pointer left, Pointer right);
Pointer make_call(const std::string& function, std::vector<Pointer> arguments);

struct SyntaxError : std::runtime_error {
  using std::runtime_error::runtime_error;
};
struct MathError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Throws SyntaxError.
Pointer parse(std::string_view text);

}  // namespace calculator

#endif  // ENFOLD_EXAMPLES_CALCULATOR_EXPRESSION_H_
