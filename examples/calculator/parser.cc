// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// sum     = product { ("+" | "-") product }
// product = power { ("*" | "/") power }
// power   = atom [ "^" power ]
// atom    = number | name [ "(" sum { "," sum } ")" ] | "(" sum ")" | "-" power
#include <cctype>
#include <charconv>
#include <utility>

#include "expression.h"

namespace calculator {
namespace {

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Pointer whole() {
    Pointer result = sum();
    if (next() != '\0') fail("an operator or the end");
    return result;
  }

 private:
  char next() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool accept(char wanted) {
    if (next() != wanted) return false;
    ++at_;
    return true;
  }
  [[noreturn]] void fail(const std::string& wanted) {
    throw SyntaxError("column " + std::to_string(at_ + 1) + ": expected " + wanted);
  }

  Pointer sum() {
    Pointer left = product();
    for (char symbol = next(); symbol == '+' || symbol == '-'; symbol = next()) {
      ++at_;
      left = make_operation(symbol, std::move(left), product());
    }
    return left;
  }

  Pointer product() {
    Pointer left = power();
    for (char symbol = next(); symbol == '*' || symbol == '/'; symbol = next()) {
      ++at_;
      left = make_operation(symbol, std::move(left), power());
    }
    return left;
  }

  Pointer power() {
    Pointer base = atom();
    return accept('^') ? make_operation('^', std::move(base), power()) : std::move(base);
  }

  Pointer atom() {
    if (accept('-')) return make_operation('-', make_number(0), power());
    if (accept('(')) {
      Pointer inner = sum();
      if (!accept(')')) fail("')'");
      return inner;
    }
    if (std::isdigit(static_cast<unsigned char>(next()))) return number();
    if (std::isalpha(static_cast<unsigned char>(next()))) return call();
    fail("a number, a name or '('");
  }

  Pointer number() {
    double result = 0;
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), result);
    if (error != std::errc()) fail("a number in range");
    at_ = static_cast<std::size_t>(end - text_.data());
    return make_number(result);
  }

  Pointer call() {
    const std::size_t start = at_;
    while (at_ < text_.size() && std::isalnum(static_cast<unsigned char>(text_[at_]))) ++at_;
    const std::string name(text_.substr(start, at_ - start));
    std::vector<Pointer> arguments;
    if (accept('(')) {
      do arguments.push_back(sum());
      while (accept(','));
      if (!accept(')')) fail("')'");
    }
    return make_call(name, std::move(arguments));
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Pointer parse(std::string_view text) { return Parser(text).whole(); }

}  // namespace calculator
