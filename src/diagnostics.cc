// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "diagnostics.h"

#include <string>

namespace enfold {

Error Diagnostics::joined(std::string_view message) {
  if (errors_.size() == 1) return std::move(errors_.front());
  Error all(errors_.front().code(), std::to_string(errors_.size() + more_).append(" ").append(message));
  for (Error& error : errors_) all = std::move(all).with_cause(std::move(error));
  return all;
}

}  // namespace enfold
