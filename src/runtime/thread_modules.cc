// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Static storage comes of the pool; what does not fit there, and all where there is no pool, of what the C library
// grants after the start.
#include "runtime/thread_modules.h"

#include <memory>
#include <utility>

#include <fmt/format.h>

#include "runtime/static_storage.h"
#include "runtime/thread_block_memory.h"
#include "runtime/thread_blocks.h"
#include "runtime/thread_carrier.h"
#include "runtime/thread_pointer.h"
#include "runtime/thread_pool.h"

namespace enfold::runtime {
namespace {

struct StaticModule {
  Carrier carrier;
  PoolRange range;
};

Error exhausted(const ThreadImage& image, const std::string& reason) {
  const PoolUse pool = pool_use();
  std::string message =
      fmt::format("no static thread-local storage for {} bytes, aligned to {}: ", image.size, 1ull << image.p2align);
  message += pool.size != 0 ? fmt::format("the pool has {} of {} bytes free, at most {} in one piece", pool.free,
                                          pool.size, pool.largest_free)
                            : std::string("this process has no pool");
  message += fmt::format("; the C library says: {}", reason);
  const StaticStorage lack = {image.size, image.p2align};
  return Error(ErrorCode::kMemory, std::move(message)).with_cure(storage_cure(lack)).with_lack({.static_storage = lack});
}

bool is_aligned(std::int64_t tp_offset, std::uint8_t p2align) {
  const std::uint64_t start = thread_pointer() + static_cast<std::uint64_t>(tp_offset);
  return (start & ((std::uint64_t{1} << p2align) - 1)) == 0;
}

Expected<ThreadModule> make_static_module(ThreadImage image) {
  if (image.size == 0) image.size = 1;  // a segment without memory is none
  Expected<Carrier> carrier = Carrier::prepare({.image = image, .is_static = true});
  if (!carrier) return std::unexpected(std::move(carrier).error());
  auto made = std::make_unique<StaticModule>(StaticModule{.carrier = std::move(*carrier), .range = {}});
  made->range = load_into_pool(made->carrier, image);
  if (made->range.size == 0) {
    if (auto done = made->carrier.load(); !done) return std::unexpected(exhausted(image, done.error().message()));
  }
  ThreadModule module{
      .id = made->carrier.module(), .tp_offset = made->carrier.tp_offset(), .is_static = true, .cookie = made.get()};
  made->carrier.close_file();
  if (is_aligned(module.tp_offset, image.p2align)) {
    static_cast<void>(made.release());
    return module;
  }
  module.cookie = made.release();
  free_thread_module(module);
  return std::unexpected(
      Error(ErrorCode::kMemory,
            fmt::format("the C library does not align static thread-local storage to {}", 1ull << image.p2align)));
}

}  // namespace

Expected<ThreadModule> make_thread_module(const ThreadImage& image, bool is_static) {
  if (auto done = check_thread_image(image); !done) return std::unexpected(std::move(done).error());
  if (is_static) return make_static_module(image);
  Expected<std::uint64_t> id = add_thread_blocks(image);
  if (!id) return std::unexpected(std::move(id).error());
  return ThreadModule{.id = *id};
}

// The block's place is free when the loader has let go of it.
void free_thread_module(const ThreadModule& module) noexcept {
  if (!module.is_static) return remove_thread_blocks(module.id);
  auto* const made = static_cast<StaticModule*>(module.cookie);
  if (made == nullptr) return;
  made->carrier.unload();
  if (made->range.size != 0) give_back(made->range);
  delete made;
}

}  // namespace enfold::runtime
