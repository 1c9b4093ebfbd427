// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The unwinder's and the C library's lists have locks of their own that fork(2) does not know of: a thread that holds
// one at a fork leaves the child without that list. So whatever takes one of them briefly does it under a lock that a
// fork waits for.
#ifndef ENFOLD_RUNTIME_REGISTRATIONS_H_
#define ENFOLD_RUNTIME_REGISTRATIONS_H_

namespace enfold::runtime {

// Holds that lock. They may be nested.
class Registering {
 public:
  Registering();
  ~Registering();
  Registering(const Registering&) = delete;
  Registering& operator=(const Registering&) = delete;

 private:
  const bool outermost_;
};

// Where code of others is called under it: the thread gives the lock up meanwhile, if it holds it.
class Unregistered {
 public:
  Unregistered();
  ~Unregistered();
  Unregistered(const Unregistered&) = delete;
  Unregistered& operator=(const Unregistered&) = delete;

 private:
  const bool held_;
};

template <class Call>
auto registered(Call&& call) {
  const Registering registering;
  return call();
}

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_REGISTRATIONS_H_
