// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A pass goes on after its first finding and stops at its end: what it found becomes one error.
#ifndef ENFOLD_DIAGNOSTICS_H_
#define ENFOLD_DIAGNOSTICS_H_

#include <cstddef>
#include <string_view>
#include <utility>

#include <enfold/error.h>

#include "rare_vector.h"

namespace enfold {

class Diagnostics {
 public:
  static constexpr std::size_t kMost = 20;  // reported one by one; the rest are counted

  // What is told in the same words already is left out.
  [[gnu::cold, gnu::noinline]] void add(Error error);
  // What was found behind all that this holds: the same findings are reported, however they were collected.
  void append(Diagnostics later) {
    for (Error& error : later.errors_) add(std::move(error));
    more_ += later.more_;
  }
  bool empty() const { return errors_.empty(); }

  // A single finding is the error itself; several are causes of one error with `message` and the first one's code.
  Expected<void> result(std::string_view message) && {
    if (errors_.empty()) return {};
    return std::unexpected(joined(message));
  }

 private:
  [[gnu::cold]] Error joined(std::string_view message);

  RareVector<Error> errors_;
  std::size_t more_ = 0;
};

}  // namespace enfold

#endif  // ENFOLD_DIAGNOSTICS_H_
