// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The unwinder's and the C library's lists have locks of their own that fork(2) does not know of: a thread that holds
// one at a fork leaves the child without that list. So whatever takes one of them briefly does it under a lock that a
// fork waits for.
#ifndef ENFOLD_RUNTIME_REGISTRATIONS_H_
#define ENFOLD_RUNTIME_REGISTRATIONS_H_

#include <mutex>

namespace enfold::runtime {

std::mutex& registrations();

template <class Call>
auto registered(Call&& call) {
  const std::scoped_lock lock(registrations());
  return call();
}

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_REGISTRATIONS_H_
