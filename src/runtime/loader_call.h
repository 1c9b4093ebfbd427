// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The dynamic linker's locks are not looked after at a fork: glibc 2.36 copies them into the child as they are, and a
// child that was forked while another thread held one waits for ever where it next looks a symbol up. So a fork waits
// until none of our threads is in the dynamic linker. It does not wait for ever, since constructors of libraries run
// under that lock, and one may wait for the thread that forks; nor for what other code of the process does in there.
// The child of a fork that did not wait to the end knows that, and does not call the dynamic linker.
#ifndef ENFOLD_RUNTIME_LOADER_CALL_H_
#define ENFOLD_RUNTIME_LOADER_CALL_H_

namespace enfold::runtime {

// While one lives, its thread may be in the dynamic linker. They may be nested.
class LoaderCall {
 public:
  LoaderCall();
  ~LoaderCall();
  LoaderCall(const LoaderCall&) = delete;
  LoaderCall& operator=(const LoaderCall&) = delete;
};

// Whether a lock of the dynamic linker is held by a thread of the process that this one was forked from. Then no
// LoaderCall may be made.
bool is_loader_lost() noexcept;

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_LOADER_CALL_H_
