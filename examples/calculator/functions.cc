// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <ostream>
#include <utility>

#include "expression.h"

namespace calculator {
namespace {

using Arguments = std::vector<double>;

struct Function {
  std::size_t least_count, most_count;
  std::function<double(const Arguments&)> body;
};

// Built by this file's initialiser, before main.
const std::map<std::string, Function> functions = {
    {"pi", {0, 0, [](const Arguments&) { return std::acos(-1.0); }}},
    {"sqrt", {1, 1, [](const Arguments& a) { return std::sqrt(a[0]); }}},
    {"sin", {1, 1, [](const Arguments& a) { return std::sin(a[0]); }}},
    {"cos", {1, 1, [](const Arguments& a) { return std::cos(a[0]); }}},
    {"max", {1, 9, [](const Arguments& a) { return *std::max_element(a.begin(), a.end()); }}},
    {"min", {1, 9, [](const Arguments& a) { return *std::min_element(a.begin(), a.end()); }}},
};

class Call final : public Expression {
 public:
  Call(std::string name, const Function& function, std::vector<Pointer> arguments)
      : name_(std::move(name)), function_(function), arguments_(std::move(arguments)) {}

  double value() const override {
    Arguments values;
    for (const Pointer& argument : arguments_) values.push_back(argument->value());
    const double result = function_.body(values);
    if (std::isnan(result)) throw MathError(name_ + " is not defined there");
    return result;
  }

  void print(std::ostream& out) const override {
    out << name_;
    if (arguments_.empty()) return;
    const char* separator = "(";
    for (const Pointer& argument : arguments_) {
      out << std::exchange(separator, ", ");
      argument->print(out);
    }
    out << ')';
  }

 private:
  std::string name_;
  const Function& function_;
  std::vector<Pointer> arguments_;
};

}  // namespace

Pointer make_call(const std::string& name, std::vector<Pointer> arguments) {
  const auto found = functions.find(name);
  if (found == functions.end()) throw SyntaxError("no function '" + name + "'");
  const Function& function = found->second;
  if (arguments.size() < function.least_count || arguments.size() > function.most_count)
    throw SyntaxError("wrong number of arguments for '" + name + "'");
  return std::make_unique<Call>(name, function, std::move(arguments));
}

}  // namespace calculator
