// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Damage to objects, from a seed and nothing else: the same number gives the same object.
#ifndef ENFOLD_TEST_FUZZ_MUTATE_H_
#define ENFOLD_TEST_FUZZ_MUTATE_H_

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "seeds.h"

namespace enfold::fuzz {

class Mutator {
 public:
  Mutator(const std::vector<Seed>& seeds, std::uint64_t number) : seeds_(seeds), random_(number) {}

  // One seed, changed in one to four ways.
  std::vector<std::byte> next();
  // Changes an object, or any other file, in one way.
  void change(std::vector<std::byte>& bytes);

 private:
  std::uint64_t below(std::uint64_t n) { return n == 0 ? 0 : random_() % n; }
  const Seed& pick() { return seeds_[below(seeds_.size())]; }
  std::uint64_t odd_value(std::uint64_t old, std::uint64_t file_size);

  void flip_bits(std::vector<std::byte>& bytes);
  void set_bytes(std::vector<std::byte>& bytes);
  void truncate(std::vector<std::byte>& bytes);
  void edit_field(std::vector<std::byte>& bytes);
  void swap_fields(std::vector<std::byte>& bytes);
  void splice(std::vector<std::byte>& bytes);
  void edit_section(std::vector<std::byte>& bytes);
  void edit_records(std::vector<std::byte>& bytes);
  void edit_relocation(std::vector<std::byte>& bytes);
  void edit_unwind(std::vector<std::byte>& bytes);
  void duplicate_range(std::vector<std::byte>& bytes);

  const std::vector<Seed>& seeds_;
  std::mt19937_64 random_;
};

}  // namespace enfold::fuzz

#endif  // ENFOLD_TEST_FUZZ_MUTATE_H_
