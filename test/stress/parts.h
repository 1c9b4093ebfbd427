// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The objects that are linked. Part i of thread T (part.c.in) has
//
//    f_T_i(x)      (2i + 3 + v) x + 100i + 7v + 1, and the sum of f_T_j(x) over its callees j
//    count_T_i()   how often it was called, kept in n_T_i, whose address where_T_i() tells
//    dead_T_i()    that nobody calls
//
// in four variants v: strong, strong, weak, and strong with an undefined symbol in dead_T_i, which links only where
// unused sections are dropped. Callees have lower numbers, so that calls end. The number decides the code model.
// Threads have names of their own, patched into the objects, and so each can know all about them; what threads contend
// for is contested_k() == 10k + v, which user_k() calls and adds one.
#ifndef ENFOLD_TEST_STRESS_PARTS_H_
#define ENFOLD_TEST_STRESS_PARTS_H_

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace enfold::stress {

using Bytes = std::span<const std::byte>;

inline constexpr int kNameCount = 12, kVariantCount = 4, kContestedCount = 4, kContestedVariants = 2;
inline constexpr int kWeakVariant = 2, kGcVariant = 3;

struct Part {
  int name = 0, variant = 0;
  bool strong() const { return variant != kWeakVariant; }
  bool needs_gc() const { return variant == kGcVariant; }
};

std::vector<int> callees(int name);
unsigned long own_value(const Part& part, unsigned long x);

// "07"
std::string two_digits(int n);

// Files made by the build, by their names without directory and suffix: "part_07_1".
using Files = std::map<std::string, std::string>;
Files read_objects();

// One thread's.
class Objects {
 public:
  Objects(const Files& files, int thread);

  Bytes part(const Part& part) const;
  Bytes contested(int name, int variant) const;
  Bytes user(int name) const;
  // "f_0003_07" of "f" and 7.
  std::string symbol(const char* stem, int name) const;

 private:
  Bytes find(const std::string& name) const;

  std::string thread_;
  Files files_;
};

}  // namespace enfold::stress

#endif  // ENFOLD_TEST_STRESS_PARTS_H_
