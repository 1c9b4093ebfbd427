// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "diagnostics.h"

#include <algorithm>
#include <string>

namespace enfold {

void Diagnostics::add(Error error) {
  if (errors_.size() >= kMost) {
    ++more_;
    return;
  }
  const auto is_known = [text = error.text()](const Error& known) { return known.text() == text; };
  if (std::none_of(errors_.begin(), errors_.end(), is_known)) errors_.push_back(std::move(error));
}

Error Diagnostics::joined(std::string_view message) {
  if (errors_.size() == 1) return std::move(errors_.front());
  Error all(errors_.front().code(), std::to_string(errors_.size() + more_).append(" ").append(message));
  for (Error& error : errors_) all = std::move(all).with_cause(std::move(error));
  return all;
}

}  // namespace enfold
