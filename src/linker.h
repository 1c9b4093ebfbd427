// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_LINKER_H_
#define ENFOLD_LINKER_H_

#include <memory>

#include <enfold/error.h>
#include <enfold/object_set.h>
#include <enfold/plan.h>
#include <enfold/session.h>

namespace enfold {

struct SetRecord;

constexpr std::size_t kPassCount = 16;  // with "initialise", which follows the link

Expected<Plan> plan_set(const std::shared_ptr<Session::State>& session, const ObjectSet& set);

// The version that a set is to take the place of, if any.
struct Replacing {
  std::shared_ptr<SetRecord> old{};
  bool keep_state = false;
};

// Everything but running the initialisers; a new version of a set is not published either.
Expected<std::shared_ptr<SetRecord>> link_set(const std::shared_ptr<Session::State>& session, const ObjectSet& set,
                                              const Replacing& replacing = {});

}  // namespace enfold

#endif  // ENFOLD_LINKER_H_
