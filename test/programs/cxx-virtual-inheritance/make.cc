// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "diamond.h"
#include <cstdio>
Base::Base() { std::puts("Base"); }
Base::~Base() { std::puts("~Base"); }
Right::Right() { std::puts("Right"); }
Right::~Right() { std::puts("~Right"); }
namespace {
struct Both : Left, Right { int id() const override { return Left::id() + Right::common; } };
}
Base* make() { return new Both; }
