// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A set as a shared object of the process (SetOptions::as_shared_object). The dynamic linker maps the set's memory and
// opens its libraries in one go, and in the midst of it, before any constructor runs, the set is written:
//
//    reserve      addresses are chosen, with room for the object's own tables in front
//    load         the dynamic linker has the tables; it maps them, the set's pages and the libraries, relocates the
//                 libraries, which bind to the set, and says where what the set has of them lies
//      write ...  everything that needs the libraries' addresses, up to registering
//                 constructors of the libraries run
#ifndef ENFOLD_RUNTIME_SHARED_OBJECT_H_
#define ENFOLD_RUNTIME_SHARED_OBJECT_H_

#include <cstdint>
#include <functional>
#include <vector>

#include <enfold/error.h>
#include <enfold/runtime.h>

#include "link_state.h"
#include "runtime/set_record.h"

namespace enfold {

struct SharedObject {
  ObjectImage image;
  std::vector<GlobalIndex> exported, imported;  // in the order of the image's
  LoadedObject loaded;                          // while it is written
};

// What is not supported together with it. Errors: kInvalidArgument, kUnsupported.
Expected<void> check_shared_object(const LinkState& link);

// An upper bound of what the object's tables take, before it is known which symbols they have.
std::uint64_t bound_of_tables(const LinkState& link);

// Lists symbols and libraries, and settles LinkState::lead. The set is laid out.
Expected<void> describe_object(LinkState& link, RuntimeHooks& runtime);

// Loads the object; `fill` finds the addresses of everything settled but those of the set's objects. The set's handle
// is in the record. Errors: those of `fill`, of the hooks and of the provider; what is thrown by `fill` is thrown.
Expected<void> load_object(LinkState& link, SetRecord& set, const std::function<Expected<void>()>& fill);

}  // namespace enfold

#endif  // ENFOLD_RUNTIME_SHARED_OBJECT_H_
