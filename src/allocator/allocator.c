// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A shared library to be preloaded, that lets a linked set replace malloc and its kin for the whole process, as a program
// does that defines them (glibc manual, "Replacing malloc"). The C library and all others bind to the functions here.
//
//    until a set has them    the C library's own serve, and each block of theirs that is live is listed
//    from then on            the set's serve; blocks that are listed go back to where they came from
//    when it gives them up   the C library's serve again; what the set's had made is left alone
//
// Blocks are listed in a table of their addresses: open addressing, no deletion but by a mark. Striking a block off takes
// no lock, so that a fork at any moment leaves a child that can free what it has.
#include "allocator/allocator.h"

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#define SHOWN __attribute__((visibility("default")))

// What glibc calls its own, whoever has replaced them.
void* __libc_malloc(size_t size);
void __libc_free(void* block);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* block, size_t size);
void* __libc_memalign(size_t alignment, size_t size);
void* __libc_valloc(size_t size);
void* __libc_pvalloc(size_t size);

enum Serving { kTheCLibrarys, kTheSets, kTheCLibrarysAgain };

static struct enfold_allocator own;
static _Atomic(enum Serving) serving;

static bool the_sets_serve(void) { return atomic_load_explicit(&serving, memory_order_acquire) == kTheSets; }

// ---- The table

enum { kGone = 1 };  // no block's address

struct Table {
  size_t size;  // a power of two
  size_t used;  // slots that hold, or held, an address
  _Atomic(uintptr_t) slots[];
};

static _Atomic(struct Table*) table;
static _Atomic(bool) growing;
static atomic_flag locked = ATOMIC_FLAG_INIT;

static void lock(void) {
  while (atomic_flag_test_and_set_explicit(&locked, memory_order_acquire)) sched_yield();
}
static void unlock(void) { atomic_flag_clear_explicit(&locked, memory_order_release); }

static size_t slot_of(const struct Table* t, uintptr_t block) {
  return (size_t)((block >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (t->size - 1);
}

static void put(struct Table* t, uintptr_t block) {
  size_t i = slot_of(t, block);
  while (atomic_load_explicit(&t->slots[i], memory_order_relaxed) != 0) i = (i + 1) & (t->size - 1);
  atomic_store_explicit(&t->slots[i], block, memory_order_release);
  ++t->used;
}

// Blocks move: each is in one of the two tables, or on its way. The old one stays, as another thread may be looking.
static bool grow(void) {
  struct Table* old = atomic_load_explicit(&table, memory_order_relaxed);
  size_t live = 0;
  for (size_t i = 0; old != NULL && i < old->size; ++i) {
    live += atomic_load_explicit(&old->slots[i], memory_order_relaxed) > kGone;
  }
  size_t size = 1 << 12;
  while (size < 4 * live) size *= 2;
  void* made = mmap(NULL, sizeof(struct Table) + size * sizeof(uintptr_t), PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (made == MAP_FAILED) return false;
  struct Table* t = made;
  t->size = size;
  atomic_store(&growing, true);
  for (size_t i = 0; old != NULL && i < old->size; ++i) {
    const uintptr_t block = atomic_exchange(&old->slots[i], kGone);
    if (block > kGone) put(t, block);
  }
  atomic_store(&table, t);
  atomic_store(&growing, false);
  return true;
}

// Null where it cannot be listed: the block would be mistaken for another's later.
static void* listed(void* block) {
  if (block == NULL) return NULL;
  lock();
  struct Table* t = atomic_load_explicit(&table, memory_order_relaxed);
  const bool fits = (t != NULL && t->used < t->size / 2) || grow();
  if (fits) put(atomic_load_explicit(&table, memory_order_relaxed), (uintptr_t)block);
  unlock();
  if (fits) return block;
  __libc_free(block);
  errno = ENOMEM;
  return NULL;
}

static _Atomic(uintptr_t) * find(const void* block) {
  for (;;) {
    struct Table* t = atomic_load(&table);
    if (t == NULL || block == NULL) return NULL;
    for (size_t i = slot_of(t, (uintptr_t)block);; i = (i + 1) & (t->size - 1)) {
      const uintptr_t there = atomic_load_explicit(&t->slots[i], memory_order_acquire);
      if (there == (uintptr_t)block) return &t->slots[i];
      if (there == 0) break;
    }
    if (!atomic_load(&growing) && atomic_load(&table) == t) return NULL;
    sched_yield();
  }
}

// Whether it was listed.
static bool strike(const void* block) {
  for (;;) {
    _Atomic(uintptr_t)* slot = find(block);
    if (slot == NULL) return false;
    uintptr_t expected = (uintptr_t)block;
    if (atomic_compare_exchange_strong(slot, &expected, kGone)) return true;  // or it has just moved
  }
}

// ---- The functions
//
// What a set leaves out is the C library's while the set's serve, as in a program that leaves it out.

SHOWN void* malloc(size_t size) {
  if (!the_sets_serve()) return listed(__libc_malloc(size));
  return own.malloc != NULL ? own.malloc(size) : __libc_malloc(size);
}

SHOWN void free(void* block) {
  if (block == NULL) return;
  const enum Serving now = atomic_load_explicit(&serving, memory_order_acquire);
  if (strike(block) || now == kTheCLibrarys || (now == kTheSets && own.free == NULL)) {
    __libc_free(block);
  } else if (now == kTheSets) {
    own.free(block);
  }  // or it is the set's, whose functions are gone
}

SHOWN void* calloc(size_t count, size_t size) {
  if (!the_sets_serve()) return listed(__libc_calloc(count, size));
  return own.calloc != NULL ? own.calloc(count, size) : __libc_calloc(count, size);
}

// A block's size stands in front of it (glibc, malloc.c, "struct malloc_chunk"): of the C library's own blocks, with
// three flags in its lowest bits, and the next block's first word belongs to it unless it was mapped by itself.
static size_t usable(const void* block) {
  const size_t word = ((const size_t*)block)[-1], size = word & ~(size_t)7;
  return (word & 2) != 0 ? size - 2 * sizeof(size_t) : size - sizeof(size_t);
}

static void* moved_to(void* to, void* block, size_t size) {
  if (to == NULL) return NULL;
  const size_t before = usable(block);
  memcpy(to, block, before < size ? before : size);
  free(block);
  return to;
}

static void* resized(void* block, size_t size) {
  if (!strike(block) && atomic_load(&serving) == kTheCLibrarysAgain) {  // the set's, whose functions are gone
    errno = ENOMEM;
    return NULL;
  }
  void* const to = __libc_realloc(block, size);
  if (to != NULL) return listed(to);
  if (size != 0) (void)listed(block);  // it is as it was
  return NULL;
}

SHOWN void* realloc(void* block, size_t size) {
  if (block == NULL) return malloc(size);
  if (!the_sets_serve()) return resized(block, size);
  if (find(block) != NULL) return moved_to(malloc(size), block, size);
  return own.realloc != NULL ? own.realloc(block, size) : __libc_realloc(block, size);
}

SHOWN void* memalign(size_t alignment, size_t size) {
  if (!the_sets_serve()) return listed(__libc_memalign(alignment, size));
  return own.memalign != NULL ? own.memalign(alignment, size) : __libc_memalign(alignment, size);
}

SHOWN void* aligned_alloc(size_t alignment, size_t size) {
  if (!the_sets_serve()) return listed(__libc_memalign(alignment, size));
  return own.aligned_alloc != NULL ? own.aligned_alloc(alignment, size) : __libc_memalign(alignment, size);
}

SHOWN int posix_memalign(void** made, size_t alignment, size_t size) {
  if (the_sets_serve() && own.posix_memalign != NULL) return own.posix_memalign(made, alignment, size);
  if (alignment % sizeof(void*) != 0 || alignment == 0 || (alignment & (alignment - 1)) != 0) return EINVAL;
  void* const block = __libc_memalign(alignment, size);
  void* const kept = the_sets_serve() ? block : listed(block);
  if (kept == NULL) return ENOMEM;
  *made = kept;
  return 0;
}

SHOWN void* valloc(size_t size) {
  if (!the_sets_serve()) return listed(__libc_valloc(size));
  return own.valloc != NULL ? own.valloc(size) : __libc_valloc(size);
}

SHOWN void* pvalloc(size_t size) {
  if (!the_sets_serve()) return listed(__libc_pvalloc(size));
  return own.pvalloc != NULL ? own.pvalloc(size) : __libc_pvalloc(size);
}

SHOWN size_t malloc_usable_size(void* block) {
  if (block == NULL) return 0;
  const bool asks = the_sets_serve() && own.malloc_usable_size != NULL && find(block) == NULL;
  return asks ? own.malloc_usable_size(block) : usable(block);
}

// ---- The switch

SHOWN int enfold_replace_allocator(const struct enfold_allocator* functions) {
  if (functions == NULL) {
    atomic_store(&serving, kTheCLibrarysAgain);
    return 0;
  }
  if (the_sets_serve()) return EBUSY;
  own = *functions;
  atomic_store(&serving, kTheSets);
  return 0;
}
