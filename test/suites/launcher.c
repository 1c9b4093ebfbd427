// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Stands in the place of a linked program, and becomes it: by `enfold run` from the program's objects, or, while a file
// named "reference" is there, by running the file that the system linker made of them.
//
// linker.py copies this program's file and writes the path of a record into `place`. The record is a list of words,
// each with a zero byte behind it:
//
//   the file "reference"; the program that the system linker made; the tool; "run"; ...; "--name"
//
// What follows "--name" on the command line is what this process was called, "--" and its arguments.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { kFailed = 125 };  // as the tool ends when it fails itself

// The tag is what linker.py looks for.
static volatile char place[4096] = "@enfold-record@";

static int fail(const char *what) {
  perror(what);
  return kFailed;
}

int main(int argc, char **argv) {
  const char *record = (const char *)place;
  const int file = open(record, O_RDONLY | O_CLOEXEC);
  struct stat status;
  if (file < 0 || fstat(file, &status) != 0) return fail(record);
  const size_t size = (size_t)status.st_size;
  char *text = malloc(size + 1);
  char **words = malloc((size + (size_t)argc + 4) * sizeof *words);
  if (!text || !words || read(file, text, size) != (ssize_t)size) return fail(record);
  close(file);
  text[size] = '\0';

  size_t count = 0;
  for (char *word = text; word < text + size; ++word) {
    words[count++] = word;
    while (*word) ++word;
  }
  if (count < 4) return fail(record);
  if (access(words[0], F_OK) == 0) {
    execv(words[1], argv);
    return fail(words[1]);
  }
  words[count++] = argc > 0 ? argv[0] : "";
  words[count++] = "--";
  for (int i = 1; i < argc; ++i) words[count++] = argv[i];
  words[count] = NULL;
  execv(words[2], words + 2);
  return fail(words[2]);
}
