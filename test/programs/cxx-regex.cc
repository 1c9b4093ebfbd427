// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: std::regex, the largest template of the standard library, matches.
// opts: O0
// models: default no-pic
// why: standard headers of this size take a second to compile, this one five
#include <cstdio>
#include <regex>
#include <string>

int main() {
  const std::regex pattern("(\\w+)@(\\w+)\\.org");
  std::smatch match;
  std::string text = "write to someone@example.org today";
  if (std::regex_search(text, match, pattern)) std::printf("%s %s\n", match[1].str().c_str(), match[2].str().c_str());
  try {
    std::regex bad("(");
  } catch (const std::regex_error&) {
    std::puts("refused");
  }
}
