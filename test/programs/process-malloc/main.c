// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: A program's malloc and its kin are the whole process's: the C library and libraries make and free blocks by them.
// flags: -fno-builtin
// no-sanitizer: a sanitizer's run time has replaced malloc itself
// shared: libuser.so = user.c
#define _GNU_SOURCE
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *of_constructor(void);
void give_back(void *);

// Blocks of one size class each, with their size in front.
static char arena[1 << 24] __attribute__((aligned(4096)));
static size_t used;
static int made, freed, foreign;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int is_own(void *block) { return (char *)block >= arena && (char *)block < arena + sizeof arena; }

void *memalign(size_t alignment, size_t size) {
  pthread_mutex_lock(&lock);
  if (alignment < 16) alignment = 16;
  size_t at = (used + 16 + alignment - 1) / alignment * alignment;
  if (at + size > sizeof arena) abort();
  used = at + size;
  memcpy(arena + at - 16, &size, sizeof size);
  made++;
  pthread_mutex_unlock(&lock);
  return arena + at;
}
void *malloc(size_t size) { return memalign(16, size); }
void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }
void *calloc(size_t n, size_t size) { return memset(malloc(n * size), 0, n * size); }
int posix_memalign(void **block, size_t alignment, size_t size) { return *block = memalign(alignment, size), 0; }
size_t malloc_usable_size(void *block) { return block == NULL ? 0 : ((size_t *)block)[-2]; }
void free(void *block) {
  if (block == NULL) return;
  if (is_own(block)) freed++;
  else foreign++;
}
void *realloc(void *block, size_t size) {
  void *to = malloc(size);
  if (block != NULL) memcpy(to, block, malloc_usable_size(block) < size ? malloc_usable_size(block) : size);
  free(block);
  return to;
}

static void *in_thread(void *unused) {
  char *text = strdup("thread");
  int own = is_own(text);
  free(text);
  return own ? unused : NULL;
}

int main(int argc, char **argv) {
  (void)argv;
  char *copy = strdup("copy"), *printed = NULL, *line = NULL;
  size_t size = 0;
  FILE *text = fmemopen("a line\n", 7, "r");
  int digits = asprintf(&printed, "%d", argc);
  int length = (int)getline(&line, &size, text);
  printf("%d %d %d\n", digits, length, fclose(text));
  printf("%d %d %d %d\n", is_own(copy), is_own(printed), is_own(line), is_own(of_constructor()));
  free(copy);
  free(printed);
  free(line);
  give_back(malloc(10));
  for (int i = 0; i < 20; i++) setenv("VARIABLE", i % 2 ? "a longer value of the variable" : "short", 1);
  pthread_t thread;
  void *fine;
  pthread_create(&thread, NULL, in_thread, &thread);
  pthread_join(thread, &fine);
  printf("%d %d %s\n", fine == &thread, foreign, getenv("VARIABLE"));
  if (fork() == 0) {
    free(strdup("child"));
    _exit(foreign);
  }
  return made == 0 || freed == 0;
}
