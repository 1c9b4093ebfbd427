// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#define _POSIX_C_SOURCE 200809L

#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"

enum { kMostFiles = 256, kLongestPath = 512, kLongestCommand = 2048 };

static char directory[] = ENFOLD_TEST_SCRATCH "-XXXXXX";
static char paths[kMostFiles][kLongestPath];
static int path_count;

static void give_up(const char* what) {
  printf("cannot go on: %s\n", what);
  exit(1);
}

static void run(const char* command) {
  if (system(command) != 0) give_up(command);
}

static void remove_scratch(void) {
  char command[kLongestCommand];
  snprintf(command, sizeof command, "rm -r '%s'", directory);
  if (system(command) != 0) printf("left behind: %s\n", directory);
}

const char* scratch(void) {
  static bool made;
  if (!made && (mkdtemp(directory) == NULL || atexit(remove_scratch) != 0)) give_up(directory);
  made = true;
  return directory;
}

static char* new_path(const char* prefix, const char* name, const char* suffix) {
  if (path_count == kMostFiles) give_up("more files than a test should need");
  char* path = paths[path_count++];
  snprintf(path, kLongestPath, "%s/%s%s%s", scratch(), prefix, name, suffix);
  return path;
}

const char* object_of(const char* source, const char* suffix, const char* flags) {
  char command[kLongestCommand], number[16];
  snprintf(number, sizeof number, "%d", path_count);
  const char* text = new_path("source", number, suffix);
  const char* object = new_path("source", number, ".o");
  FILE* file = fopen(text, "w");
  if (file == NULL || fputs(source, file) == EOF || fclose(file) != 0) give_up(text);
  const char* driver = strcmp(suffix, ".cc") == 0 ? ENFOLD_TEST_CXX : ENFOLD_TEST_CC;
  snprintf(command, sizeof command, "'%s' -w %s -c -o '%s' '%s'", driver, flags, object, text);
  run(command);
  return object;
}

const char* c_object(const char* source) { return object_of(source, ".c", "-O1"); }

const char* archive_of(const char* object, const char* name) {
  char command[kLongestCommand];
  const char* archive = new_path("lib", name, ".a");
  snprintf(command, sizeof command, "ar rcs '%s' '%s'", archive, object);
  run(command);
  return archive;
}

void* bytes_of(const char* path, size_t* size) {
  FILE* file = fopen(path, "rb");
  if (file == NULL || fseek(file, 0, SEEK_END) != 0) give_up(path);
  *size = (size_t)ftell(file);
  rewind(file);
  void* bytes = malloc(*size);
  if (bytes == NULL || fread(bytes, 1, *size, file) != *size) give_up(path);
  fclose(file);
  return bytes;
}

enfold_session* new_session(void) {
  enfold_session* session;
  MUST(enfold_session_create(NULL, 0, &session));
  return session;
}

enfold_object_set* set_of(const char* name, const char* object) {
  enfold_object_set* set = enfold_set_create(name);
  enfold_set_add_file(set, object);
  return set;
}

enfold_linked_set* linked(enfold_session* session, enfold_object_set* set) {
  enfold_linked_set* live;
  MUST(enfold_session_link(session, set, &live));
  return live;
}

int call(const enfold_linked_set* set, const char* name, int argument) {
  enfold_function function;
  MUST(enfold_linked_function(set, name, &function));
  return ((int (*)(int))function)(argument);
}
