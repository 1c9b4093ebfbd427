// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_TEST_REAL_CXX_SHAPE_H_
#define ENFOLD_TEST_REAL_CXX_SHAPE_H_

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

struct Named {
  explicit Named(std::string n) : name(std::move(n)) {}
  virtual ~Named();
  virtual std::string describe() const { return "named " + name; }
  std::string name;
};

// A diamond: both bases share one Named.
struct Coloured : virtual Named {
  explicit Coloured(int c) : Named("colour only"), colour(c) {}
  std::string describe() const override { return Named::describe() + ", colour " + std::to_string(colour); }
  int colour;
};
struct Sized : virtual Named {
  explicit Sized(double s) : Named("size only"), size(s) {}
  virtual double area() const = 0;
  double size;
};

std::unique_ptr<Named> make_square(double side, int colour);
std::unique_ptr<Named> make_plain(const std::string& name);

// Derived from twice, so that a handler for std::exception finds one base and not two.
struct ShapeError : virtual std::runtime_error {
  explicit ShapeError(const std::string& what) : std::runtime_error(what) {}
};
struct RangeError : ShapeError {
  RangeError(const std::string& what, int v) : std::runtime_error(what), ShapeError(what), value(v) {}
  int value;
};
void check_size(double size);

// One instance in the whole program, whichever file asks (STB_GNU_UNIQUE).
inline int& instance_count() {
  static int count = 0;
  return count;
}
template <class T>
struct Registry {
  static inline std::vector<std::string> names;
};
std::vector<std::string>* registry_seen_from_other_file();

// What the initialisers of all files did, in order. In a function, because it is used before initialisers run.
std::vector<std::string>& start_up();

#endif  // ENFOLD_TEST_REAL_CXX_SHAPE_H_
