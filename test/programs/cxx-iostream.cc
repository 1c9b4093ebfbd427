// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: iostreams: cin, cout and cerr are the program's, formatted and flushed.
// stdin: 12 3.5 word\n
// models: default fPIC no-pic
// why: standard headers of this size take a second to compile
#include <iomanip>
#include <iostream>
#include <string>

int main() {
  int n;
  double d;
  std::string s;
  std::cin >> n >> d >> s;
  std::cout << std::hex << n << ' ' << std::fixed << std::setprecision(3) << d << ' ' << std::setw(8) << s << std::endl;
  std::cerr << "to cerr\n";
  std::cout << std::boolalpha << std::cin.eof() << " at the end";
}
