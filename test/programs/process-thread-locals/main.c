// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Libraries use a program's thread-locals, dlsym finds the calling thread's, dl_iterate_phdr tells of their block.
// shared: libuser.so = user.c
// system-link: -rdynamic
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <stdio.h>

__thread int wanted = 40;
__thread long zeros[3];
__thread int initially = 200;
static __thread int own = 5;

int general(int), initial(int);
int *own_address(void) { return &own; }

static int look(struct dl_phdr_info *info, size_t size, void *seen) {
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
    const char *block = info->dlpi_tls_data;
    if (segment->p_type != PT_TLS || block == NULL) continue;
    if ((char *)&own >= block && (char *)&own < block + segment->p_memsz) ++*(int *)seen;
  }
  return 0;
}

static void report(const char *who) {
  int seen = 0;
  dl_iterate_phdr(look, &seen);
  int *found = dlsym(RTLD_DEFAULT, "wanted");
  long *table = dlsym(RTLD_DEFAULT, "zeros");
  printf("%s %d %d %d %ld\n", who, seen, found == &wanted, table == zeros, zeros[0] + zeros[2]);
  printf("%d %d %d %d\n", general(1), initial(10), wanted, *own_address());
}

static void *run(void *name) {
  own += 3;
  report(name);
  return NULL;
}

int main(void) {
  report("first");
  pthread_t thread;
  for (int i = 0; i < 2; i++) {
    pthread_create(&thread, NULL, run, "another");
    pthread_join(thread, NULL);
  }
  report("first");
  return 0;
}
