// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: errno is the thread's own and shared with the C library.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

int main(void) {
  errno = 0;
  int fd = open("/does/not/exist", O_RDONLY);
  printf("%d %d %s\n", fd, errno == ENOENT, strerror(errno));
  return 0;
}
