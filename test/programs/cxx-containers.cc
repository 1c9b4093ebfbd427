// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: std::map, std::set, std::string and std::sort, with a comparator that throws.
// models: default fPIC no-pic
// why: standard headers of this size take a second to compile
#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

int main() {
  std::map<std::string, std::vector<int>> index;
  for (int i = 0; i < 20; i++) index["key" + std::to_string(i % 7)].push_back(i);
  for (const auto& [key, values] : index) std::printf("%s %zu %d\n", key.c_str(), values.size(), values.back());
  std::vector<int> v{5, 3, 9, 1, 7};
  std::sort(v.begin(), v.end());
  try {
    std::sort(v.begin(), v.end(), [](int a, int b) { return a == 9 || b == 9 ? throw a + b : a < b; });
  } catch (int) {
    std::printf("thrown; %d\n", v[0] + v[4]);
  }
}
