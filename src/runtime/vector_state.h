// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_RUNTIME_VECTOR_STATE_H_
#define ENFOLD_RUNTIME_VECTOR_STATE_H_

namespace enfold::runtime {

// Finds out how this processor's vector registers are saved, for the entry points of TLS descriptors.
void prepare_vector_state();

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_VECTOR_STATE_H_
