// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "expression.h"

#include <cmath>
#include <ostream>
#include <utility>

namespace calculator {

Expression::~Expression() = default;

namespace {

class Number final : public Expression {
 public:
  explicit Number(double number) : number_(number) {}
  double value() const override { return number_; }
  void print(std::ostream& out) const override { out << number_; }

 private:
  double number_;
};

class Operation final : public Expression {
 public:
  Operation(char symbol, Pointer left, Pointer right)
      : symbol_(symbol), left_(std::move(left)), right_(std::move(right)) {}

  double value() const override {
    const double left = left_->value(), right = right_->value();
    switch (symbol_) {
      case '+':
        return left + right;
      case '-':
        return left - right;
      case '*':
        return left * right;
      case '^':
        return std::pow(left, right);
      case '/':
        if (right == 0) throw MathError("division by zero");
        return left / right;
    }
    throw SyntaxError(std::string("no operator '") + symbol_ + "'");
  }

  void print(std::ostream& out) const override {
    out << '(';
    left_->print(out);
    out << ' ' << symbol_ << ' ';
    right_->print(out);
    out << ')';
  }

 private:
  char symbol_;
  Pointer left_, right_;
};

}  // namespace

Pointer make_number(double number) { return std::make_unique<Number>(number); }

Pointer make_operation(char symbol, Pointer left, Pointer right) {
  return std::make_unique<Operation>(symbol, std::move(left), std::move(right));
}

}  // namespace calculator
