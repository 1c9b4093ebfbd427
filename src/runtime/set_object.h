// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sets as objects of this process's dynamic linker; see object_file.h.
#ifndef ENFOLD_RUNTIME_SET_OBJECT_H_
#define ENFOLD_RUNTIME_SET_OBJECT_H_

#include <cstdint>
#include <functional>

#include <enfold/runtime.h>

namespace enfold::runtime {

// See RuntimeHooks::object_tables_size and load_object.
std::uint64_t set_object_size(const ObjectImage& image);
Expected<void*> load_set_object(const ObjectImage& image, const std::function<bool(const LoadedObject&)>& fill);

}  // namespace enfold::runtime

#endif  // ENFOLD_RUNTIME_SET_OBJECT_H_
