// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_BENCH_PEERS_LLVM_SUPPORT_H_
#define ENFOLD_BENCH_PEERS_LLVM_SUPPORT_H_

// LLVM's errors as ours, our objects as its buffers.
#include <utility>

#include <llvm/Support/Error.h>
#include <llvm/Support/MemoryBufferRef.h>

#include "peer.h"

namespace enfold::bench {

inline void must(llvm::Error error) {
  if (error) throw Failure(llvm::toString(std::move(error)));
}

template <class T>
T must(llvm::Expected<T> result) {
  if (!result) throw Failure(llvm::toString(result.takeError()));
  return std::move(*result);
}

inline llvm::MemoryBufferRef buffer(const Input& input) {
  return {llvm::StringRef(reinterpret_cast<const char*>(input.bytes.data()), input.bytes.size()), input.name};
}

}  // namespace enfold::bench

#endif  // ENFOLD_BENCH_PEERS_LLVM_SUPPORT_H_
