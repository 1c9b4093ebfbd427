// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <memory>
#include <utility>

#include "capi/guard.h"
#include "capi/handles.h"
#include "capi/linking.h"

using namespace enfold;
using namespace enfold::capi;

enfold_error* enfold_session_replace(enfold_session* session, enfold_linked_set* set, enfold_object_set* next,
                                     const enfold_replace_options* options, size_t size, enfold_linked_set** old) {
  const std::unique_ptr<enfold_object_set> owned(next);
  if (old != nullptr) *old = nullptr;
  return guarded([=]() -> Expected<void> {
    if (auto done = present(session, set, old); !done) return done;
    if (auto done = sound(next); !done) return done;
    Expected<enfold_replace_options> known = taken(options, size);
    if (!known) return std::unexpected(std::move(known).error());
    // Made first: a version that threads may be in must not go because there is no handle for it.
    auto before = std::make_unique<enfold_linked_set>();
    Expected<LinkedSet> replaced =
        session->session->replace(*set->set, std::move(next->set), {.keep_state = known->keep_state});
    if (!replaced) return std::unexpected(std::move(replaced).error());
    before->set = std::move(*replaced);
    *old = before.release();
    return {};
  });
}
