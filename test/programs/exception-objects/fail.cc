// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "failure.h"
namespace { struct Private : Special { int code() const override { return 3; } }; }
void fail(int how) {
  if (how == 0) throw Failure();
  if (how == 1) throw Special();
  throw Private();
}
