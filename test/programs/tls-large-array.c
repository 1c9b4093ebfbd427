// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Elements far inside a large array are reached by constant and by computed offsets.
// matrix: tls
#include <pthread.h>
#include <stdio.h>

__thread int first = 1;
static __thread int array[15000] = {[0] = 1, [14999] = 4};
static __thread long zeros[8000];
__thread int last = 2;

static void *use(void *index) {
  long i = (long)index;
  array[i] += 10, zeros[i / 4] += i;
  printf("%d %d %d %d %ld %ld\n", first, array[0], array[14999], last, zeros[3749], zeros[7999]);
  return 0;
}

int main(void) {
  pthread_t thread;
  use((void *)14999);
  pthread_create(&thread, 0, use, (void *)14996);
  pthread_join(thread, 0);
  return 0;
}
