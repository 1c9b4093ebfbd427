// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Locale facets: numbers formatted with a facet of the program's own, which the library calls.
// models: default fPIC no-pic
// why: standard headers of this size take a second to compile
#include <iostream>
#include <locale>
#include <sstream>

struct Dots : std::numpunct<char> {
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
  char do_decimal_point() const override { return ','; }
};

int main() {
  std::ostringstream out;
  out.imbue(std::locale(std::locale::classic(), new Dots));
  out << 1234567 << ' ' << 9876.5;
  std::cout << out.str() << '\n';
}
