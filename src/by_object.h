// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Passes that look at each object of a large set alone, by several threads: what they make lies in an arena of the
// thread's own, which lives as long as the link's.
#ifndef ENFOLD_BY_OBJECT_H_
#define ENFOLD_BY_OBJECT_H_

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <memory>
#include <span>

#include "link_state.h"
#include "workers.h"

namespace enfold {

constexpr unsigned threads_for_items(std::size_t count, unsigned wanted) {
  return static_cast<unsigned>(std::min<std::size_t>(count, wanted));
}

// Runs work(part, arena) once for each part below `count`, by as many threads; part 0 has the link's own arena.
template <class Work>
void for_each_arena(LinkState& link, unsigned count, Work&& work) {
  while (link.more_arenas.size() + 1 < count) link.more_arenas.push_back(std::make_unique<Arena>());
  link.workers.for_each_part(count, count, [&](std::size_t part) {
    work(part, part == 0 ? link.arena : *link.more_arenas[part - 1]);
  });
}

// Runs work(i, arena) for each i below `count`, begun in rising order; on the calling thread alone where `thread_count`
// is 1. Threads and errors: as for_each_part.
template <class Work>
void for_each_with_arena(LinkState& link, std::size_t count, unsigned thread_count, Work&& work) {
  thread_count = threads_for_items(count, thread_count);
  if (thread_count <= 1) {
    for (std::size_t i = 0; i < count; ++i) work(i, link.arena);
    return;
  }
  std::atomic<std::size_t> next = 0;
  for_each_arena(link, thread_count, [&](std::size_t, Arena& arena) {
    for (std::size_t i = next++; i < count; i = next++) work(i, arena);
  });
}

// The same, and calls use(i) in order, each as soon as work(i) is done, on one thread at a time, which works ahead while
// it has to wait.
template <class Work, class Use>
void for_each_with_arena_in_order(LinkState& link, std::size_t count, unsigned thread_count, Work&& work, Use&& use) {
  thread_count = threads_for_items(count, thread_count);
  if (thread_count <= 1) {
    for (std::size_t i = 0; i < count; ++i) {
      work(i, link.arena);
      use(i);
    }
    return;
  }
  WorkInOrder order(count);
  for_each_arena(link, thread_count, [&](std::size_t part, Arena& arena) {
    const auto run = [&](std::size_t i) { work(i, arena); };
    if (part == 0) return order.run_and_use(run, use);
    while (order.run_next(run)) {
    }
  });
}

// The same as for_each_global_and_object, on so many threads.
template <class Work>
[[gnu::noinline]] void share_globals_and_objects(LinkState& link, unsigned threads, const Work& work) {
  constexpr std::size_t kGlobals = 4096, kObjects = 16;  // that one thread takes in a go
  link.workers.for_each_run(link.globals.size(), kGlobals, threads, [&](std::size_t begin, std::size_t end) {
    for (Global& global : std::span(link.globals).subspan(begin, end - begin)) work(global);
  });
  link.workers.for_each_run(link.objects.size(), kObjects, threads, [&](std::size_t begin, std::size_t end) {
    for (Object& object : std::span(link.objects).subspan(begin, end - begin)) work(object);
  });
}

// Runs work(global) for each global, and then work(object) for each object, on several threads where the link has
// symbols enough.
template <class Work>
void for_each_global_and_object(LinkState& link, const Work& work) {
  const unsigned threads = threads_for_symbols(link);
  if (threads > 1) return share_globals_and_objects(link, threads, work);
  for (Global& global : link.globals) work(global);
  for (Object& object : link.objects) work(object);
}

}  // namespace enfold

#endif  // ENFOLD_BY_OBJECT_H_
