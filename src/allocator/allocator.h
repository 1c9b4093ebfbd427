// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the library and the preloaded allocator.c say to each other.
#ifndef ENFOLD_ALLOCATOR_ALLOCATOR_H_
#define ENFOLD_ALLOCATOR_ALLOCATOR_H_

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// A set's functions; null: it leaves that one out.
struct enfold_allocator {
  void* (*malloc)(size_t);
  void (*free)(void*);
  void* (*calloc)(size_t, size_t);
  void* (*realloc)(void*, size_t);
  void* (*memalign)(size_t, size_t);
  void* (*aligned_alloc)(size_t, size_t);
  int (*posix_memalign)(void**, size_t, size_t);
  void* (*valloc)(size_t);
  void* (*pvalloc)(size_t);
  size_t (*malloc_usable_size)(void*);
};

// The process uses these from now on; null: the C library's again. 0, or EBUSY where others are in use.
int enfold_replace_allocator(const struct enfold_allocator* functions);

#ifdef __cplusplus
}
#endif

#endif  // ENFOLD_ALLOCATOR_ALLOCATOR_H_
