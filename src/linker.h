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

constexpr std::size_t kPassCount = 15;  // with "initialise", which follows the link

Expected<Plan> plan_set(const std::shared_ptr<Session::State>& session, const ObjectSet& set);

// Everything but running the initialisers.
Expected<std::shared_ptr<SetRecord>> link_set(const std::shared_ptr<Session::State>& session, const ObjectSet& set);

}  // namespace enfold

#endif  // ENFOLD_LINKER_H_
