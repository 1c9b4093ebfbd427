// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "failure.h"
void fail(int code) {
  if (code) throw Failure(code);
}
