// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sessions: options, addresses given from outside, memory, and what is thrown into them.
#define _GNU_SOURCE  // dl_iterate_phdr
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "support.h"
#include "tests.h"

static int holds(struct dl_phdr_info* info, size_t size, void* address) {
  (void)size;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const uintptr_t offset = (uintptr_t)address - info->dlpi_addr - info->dlpi_phdr[i].p_vaddr;
    if (info->dlpi_phdr[i].p_type == PT_LOAD && offset < info->dlpi_phdr[i].p_memsz) return 1;
  }
  return 0;
}

static void data_is_listed_on_request(void) {
  const char* object = c_object("int x = 1;");
  for (int listed = 0; listed < 2; ++listed) {
    enfold_session_options options = {0};
    options.list_data = listed != 0;
    enfold_session* session;
    MUST(enfold_session_create(&options, sizeof options, &session));
    enfold_linked_set* set = linked(session, set_of("x", object));
    void* x;
    MUST(enfold_linked_address(set, "x", &x));
    CHECK(dl_iterate_phdr(holds, x) == listed);
    enfold_linked_free(set);
    CHECK(dl_iterate_phdr(holds, x) == 0);
    enfold_session_free(session);
  }
}

static void arguments_reach_initialisers(void) {
  char program[] = "program", option[] = "option", variable[] = "A=B";
  char* argv[] = {program, option, NULL};
  char* envp[] = {variable, NULL};
  enfold_session_options options = {0};
  options.argc = 2;
  options.argv = argv;
  options.envp = envp;
  enfold_session* session;
  MUST(enfold_session_create(&options, sizeof options, &session));
  enfold_linked_set* set = linked(
      session, set_of("arguments", c_object("int n; char first;\n"
                                            "__attribute__((constructor)) static void in(int c, char** v, char** e) {\n"
                                            "  n = c; first = v[1][0] == 'o' ? e[0][0] : 0;\n"
                                            "}\n")));
  void *n, *first;
  MUST(enfold_linked_address(set, "n", &n));
  MUST(enfold_linked_address(set, "first", &first));
  CHECK(*(int*)n == 2);
  CHECK(*(char*)first == 'A');
  enfold_linked_free(set);
  enfold_session_free(session);
}

struct told {
  int count;
  char first[32];
  size_t greatest;
};

static void note(void* user, const char* pass, size_t done, size_t total) {
  struct told* told = user;
  if (told->count++ == 0) snprintf(told->first, sizeof told->first, "%s", pass);
  if (done > told->greatest) told->greatest = done;
  CHECK(done < total);
}

static void progress_is_told(void) {
  struct told told = {0};
  enfold_session_options options = {0};
  options.progress = note;
  options.progress_user = &told;
  enfold_session* session;
  MUST(enfold_session_create(&options, sizeof options, &session));
  enfold_linked_set* set = linked(session, set_of("x", c_object("int x;")));
  CHECK(told.count > 5);
  CHECK(told.greatest >= 5);
  CHECK_TEXT(told.first, "open");
  enfold_linked_free(set);
  enfold_session_free(session);
}

static void every_kind_of_memory_serves_or_says_why_not(void) {
  const char* object = c_object("int f(int n) { return n; }");
  for (int kind = ENFOLD_MEMORY_KIND_AUTO; kind <= ENFOLD_MEMORY_KIND_STRICT; ++kind) {
    enfold_session_options options = {0};
    options.memory = (enfold_memory_kind)kind;
    enfold_session* session;
    enfold_error* error = enfold_session_create(&options, sizeof options, &session);
    if (error != NULL) {
      CHECK(kind == ENFOLD_MEMORY_KIND_ALIAS || kind == ENFOLD_MEMORY_KIND_FORCED);
      CHECK(enfold_error_cure(error)[0] != '\0');
      CHECK_CODE(error, ENFOLD_CODE_MEMORY);
      continue;
    }
    enfold_linked_set* set = linked(session, set_of("f", object));
    CHECK(call(set, "f", 7) == 7);
    enfold_linked_free(set);
    enfold_session_free(session);
  }
}

static void options_of_another_version(void) {
  struct {
    enfold_session_options known;
    int added;
  } later;
  memset(&later, 0, sizeof later);
  enfold_session* session;
  MUST(enfold_session_create(&later.known, sizeof later, &session));
  enfold_session_free(session);
  later.added = 1;
  CHECK_CODE(enfold_session_create(&later.known, sizeof later, &session), ENFOLD_CODE_UNSUPPORTED);
  CHECK(session == NULL);

  enfold_session_options options = {0};
  options.debugger = (enfold_debugger)3;
  CHECK_CODE(enfold_session_create(&options, sizeof options, &session), ENFOLD_CODE_INVALID_ARGUMENT);
  options.debugger = ENFOLD_DEBUGGER_ALL;
  options.profiler = (enfold_profiler)3;
  CHECK_CODE(enfold_session_create(&options, sizeof options, &session), ENFOLD_CODE_INVALID_ARGUMENT);
  options.profiler = ENFOLD_PROFILER_NONE;
  options.detail = (enfold_detail)3;
  CHECK_CODE(enfold_session_create(&options, sizeof options, &session), ENFOLD_CODE_INVALID_ARGUMENT);
  MUST(enfold_session_create(&options, sizeof options.memory, &session));  // one that knows no detail yet
  enfold_session_free(session);
}

static void structs_of_another_version(void) {
  enfold_session* session = new_session();
  enfold_linked_set* set = linked(session, set_of("x", c_object("int x = 1;")));
  struct {
    enfold_memory_use known;
    uint64_t added;
  } later;
  memset(&later, 0xff, sizeof later);
  MUST(enfold_session_memory_use(session, &later.known, sizeof later));
  CHECK_SIZE(later.known.block_count, 1);
  CHECK_SIZE(later.added, 0);
  enfold_memory_use use;
  memset(&use, 0xff, sizeof use);
  MUST(enfold_session_memory_use(session, &use, sizeof use.block_count));
  CHECK_SIZE(use.block_count, 1);
  CHECK_SIZE(use.granted, UINT64_MAX);
  enfold_linked_free(set);
  enfold_session_free(session);
}

static int host_function(int n) { return n + 100; }

static void addresses_are_defined_and_found(void) {
  enfold_session* session = new_session();
  static int host_data = 5;
  MUST(enfold_session_define(session, "host_data", &host_data, ENFOLD_SYMBOL_KIND_DATA));
  MUST(enfold_session_define_function(session, "host_function", (enfold_function)host_function));
  CHECK_CODE(enfold_session_define(session, "host_data", &host_data, ENFOLD_SYMBOL_KIND_DATA),
             ENFOLD_CODE_DUPLICATE_SYMBOL);
  CHECK_CODE(enfold_session_define(session, "other", &host_data, (enfold_symbol_kind)3), ENFOLD_CODE_INVALID_ARGUMENT);
  enfold_linked_set* set =
      linked(session, set_of("user", object_of("extern int host_data; int host_function(int);\n"
                                               "int f(int n) { return host_function(n) + host_data; }\n",
                                               ".c", "-O1 -fPIC")));
  CHECK(call(set, "f", 1) == 106);
  void* data;
  enfold_function function;
  MUST(enfold_session_address(session, "host_data", &data));
  MUST(enfold_session_function(session, "host_function", &function));
  CHECK(data == &host_data);
  CHECK(function == (enfold_function)host_function);
  enfold_linked_free(set);
  enfold_session_free(session);
}

static void memory_is_accounted_for(void) {
  enfold_session* session = new_session();
  enfold_linked_set* set = linked(session, set_of("big", c_object("char big[100000] = {1};")));
  enfold_memory_use use;
  MUST(enfold_session_memory_use(session, &use, sizeof use));
  CHECK_SIZE(use.block_count, 1);
  CHECK(use.granted >= 100000);
  CHECK(use.window_count >= 1);
  enfold_window window;
  size_t count;
  void* big;
  MUST(enfold_session_windows(session, &window, 1, &count));
  MUST(enfold_linked_address(set, "big", &big));
  CHECK_SIZE(count, use.window_count);
  CHECK(count != 1 || (window.lo <= (uintptr_t)big && (uintptr_t)big < window.hi));
  CHECK(window.taken >= 100000);
  enfold_linked_free(set);
  enfold_session_trim(session);
  MUST(enfold_session_memory_use(session, &use, sizeof use));
  CHECK_SIZE(use.block_count, 0);
  CHECK_SIZE(use.granted, 0);
  enfold_session_free(session);
}

// The callback is C++, in a set of another session.
static void what_callbacks_throw_is_an_error(void) {
  enfold_session* session = new_session();
  const char* source =
      "#include <stdexcept>\n"
      "extern \"C\" void standard(void*, const char*, unsigned long, unsigned long) {\n"
      "  throw std::runtime_error(\"not today\");\n"
      "}\n"
      "extern \"C\" void odd(void*, const char* pass, unsigned long, unsigned long) { if (pass[0] == 'i') throw 42; "
      "}\n";
  enfold_linked_set* callbacks = linked(session, set_of("callbacks", object_of(source, ".cc", "-O1")));
  const char* object = c_object("int x;");
  const char* const names[] = {"standard", "odd"};
  for (int i = 0; i < 2; ++i) {
    enfold_function callback;
    MUST(enfold_linked_function(callbacks, names[i], &callback));
    enfold_session_options options = {0};
    options.progress = (enfold_progress)callback;
    enfold_session* throwing;
    MUST(enfold_session_create(&options, sizeof options, &throwing));
    enfold_linked_set* set;
    enfold_error* error = enfold_session_link(throwing, set_of("x", object), &set);
    CHECK_HAS(enfold_error_text(error), i == 0 ? "not today" : "exception");
    CHECK_CODE(error, ENFOLD_CODE_RUNTIME);
    CHECK(set == NULL);
    enfold_memory_use use;
    MUST(enfold_session_memory_use(throwing, &use, sizeof use));
    CHECK_SIZE(use.block_count, 0);
    enfold_session_free(throwing);
  }
  enfold_linked_free(callbacks);
  enfold_session_free(session);
}

static void nothing_where_something_is_needed(void) {
  enfold_session* session = new_session();
  enfold_linked_set* set;
  enfold_function function;
  void* address;
  CHECK_CODE(enfold_session_create(NULL, 0, NULL), ENFOLD_CODE_INVALID_ARGUMENT);
  CHECK_CODE(enfold_session_link(NULL, enfold_set_create("x"), &set), ENFOLD_CODE_INVALID_ARGUMENT);
  CHECK_CODE(enfold_session_link(session, enfold_set_create("x"), NULL), ENFOLD_CODE_INVALID_ARGUMENT);
  CHECK_CODE(enfold_session_plan(session, NULL, NULL), ENFOLD_CODE_INVALID_ARGUMENT);
  CHECK_CODE(enfold_session_address(session, NULL, &address), ENFOLD_CODE_INVALID_ARGUMENT);
  CHECK_CODE(enfold_session_define(session, NULL, NULL, ENFOLD_SYMBOL_KIND_DATA), ENFOLD_CODE_INVALID_ARGUMENT);
  CHECK_CODE(enfold_session_unload_all(NULL), ENFOLD_CODE_INVALID_ARGUMENT);
  CHECK_CODE(enfold_session_memory_use(NULL, NULL, 0), ENFOLD_CODE_INVALID_ARGUMENT);
  CHECK_CODE(enfold_linked_function(NULL, "x", &function), ENFOLD_CODE_INVALID_ARGUMENT);
  CHECK(function == NULL);
  CHECK_CODE(enfold_linked_unload(NULL), ENFOLD_CODE_INVALID_ARGUMENT);
  CHECK_CODE(enfold_linked_users(NULL, NULL), ENFOLD_CODE_INVALID_ARGUMENT);
  CHECK_TEXT(enfold_linked_name(NULL), "");
  enfold_usage usage;
  enfold_linked_usage(NULL, &usage, sizeof usage);
  CHECK_SIZE(usage.slot_count, 0);
  CHECK(!enfold_users_get(NULL, 0, NULL, 0));
  enfold_session_trim(NULL);
  enfold_linked_free(NULL);
  enfold_users_free(NULL);
  enfold_set_free(NULL);
  enfold_plan_free(NULL);
  enfold_session_free(NULL);
  enfold_session_free(session);
}

const struct test session_tests[] = {
    {"data_is_listed_on_request", data_is_listed_on_request},
    {"arguments_reach_initialisers", arguments_reach_initialisers},
    {"progress_is_told", progress_is_told},
    {"every_kind_of_memory_serves_or_says_why_not", every_kind_of_memory_serves_or_says_why_not},
    {"options_of_another_version", options_of_another_version},
    {"structs_of_another_version", structs_of_another_version},
    {"addresses_are_defined_and_found", addresses_are_defined_and_found},
    {"memory_is_accounted_for", memory_is_accounted_for},
    {"what_callbacks_throw_is_an_error", what_callbacks_throw_is_an_error},
    {"nothing_where_something_is_needed", nothing_where_something_is_needed},
    {NULL, NULL},
};
