// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "shape.h"

Named::~Named() = default;

namespace {

struct Square final : Coloured, Sized {
  Square(double side, int colour) : Named("square"), Coloured(colour), Sized(side) {
    check_size(side);
    ++instance_count();
  }
  ~Square() override { --instance_count(); }
  double area() const override { return size * size; }
};

}  // namespace

std::unique_ptr<Named> make_square(double side, int colour) { return std::make_unique<Square>(side, colour); }
std::unique_ptr<Named> make_plain(const std::string& name) { return std::make_unique<Named>(name); }

void check_size(double size) {
  if (size < 0) throw RangeError("negative size", static_cast<int>(size));
  if (size == 0) throw ShapeError("empty");
}

std::vector<std::string>* registry_seen_from_other_file() { return &Registry<int>::names; }
