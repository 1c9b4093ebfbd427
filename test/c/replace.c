// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// New versions of a live set.
#include <stdlib.h>

#include "check.h"
#include "support.h"
#include "tests.h"

static enfold_object_set* version(const char* name, const char* object) {
  enfold_object_set* set = set_of(name, object);
  enfold_set_replaceable(set, ENFOLD_REPLACEABLE_BY_OTHERS);
  return set;
}

static void users_and_handles_get_the_new_version(void) {
  enfold_session* session = new_session();
  enfold_linked_set* set = linked(session, version("one", c_object("int step(int n) { return n + 1; }")));
  enfold_linked_set* user =
      linked(session, set_of("user", c_object("int step(int); int two(int n) { return step(step(n)); }")));
  enfold_function before, after;
  MUST(enfold_linked_function(set, "step", &before));
  CHECK(call(user, "two", 0) == 2);

  enfold_linked_set* old;
  enfold_object_set* next = version("two", c_object("int step(int n) { return n + 10; }"));
  MUST(enfold_session_replace(session, set, next, NULL, 0, &old));
  CHECK_TEXT(enfold_linked_name(set), "two");
  CHECK_TEXT(enfold_linked_name(old), "one");
  CHECK(call(user, "two", 0) == 20);
  CHECK(((int (*)(int))before)(0) == 10);
  MUST(enfold_linked_function(set, "step", &after));
  CHECK(before == after);
  enfold_linked_free(old);
  CHECK(call(user, "two", 0) == 20);
  CHECK(((int (*)(int))before)(0) == 10);
  enfold_linked_free(user);
  enfold_linked_free(set);
  enfold_session_free(session);
}

static void state_is_kept_on_request(void) {
  enfold_session* session = new_session();
  static const char kCounter[] = "static int total; int add(int n) { return total += n; }";
  size_t size;
  void* bytes = bytes_of(c_object(kCounter), &size);
  for (int keep = 0; keep < 2; ++keep) {
    enfold_object_set* set = enfold_set_create("one");
    enfold_set_add_bytes(set, bytes, size, "counter.o");
    enfold_set_replaceable(set, ENFOLD_REPLACEABLE_THROUGHOUT);
    enfold_linked_set* live = linked(session, set);
    CHECK(call(live, "add", 5) == 5);

    enfold_object_set* next = enfold_set_create("two");
    enfold_set_add_bytes(next, bytes, size, "counter.o");
    enfold_set_replaceable(next, ENFOLD_REPLACEABLE_THROUGHOUT);
    enfold_replace_options options = {0};
    options.keep_state = keep;
    enfold_linked_set* old;
    MUST(enfold_session_replace(session, live, next, &options, sizeof options, &old));
    enfold_linked_free(old);
    CHECK(call(live, "add", 1) == (keep ? 6 : 1));
    enfold_linked_free(live);
  }
  free(bytes);
  enfold_session_free(session);
}

static void a_version_without_what_users_need_is_refused(void) {
  enfold_session* session = new_session();
  enfold_linked_set* set = linked(session, version("one", c_object("int step(int n) { return n + 1; }")));
  enfold_linked_set* user =
      linked(session, set_of("user", c_object("int step(int); int f(int n) { return step(n); }")));
  enfold_linked_set* old;
  enfold_object_set* next = version("two", c_object("int other;"));
  enfold_error* error = enfold_session_replace(session, set, next, NULL, 0, &old);
  CHECK(enfold_error_cause_count(error) == 1);
  enfold_place place;
  enfold_error_place(enfold_error_cause(error, 0), &place, sizeof place);
  CHECK_TEXT(place.symbol, "step");
  CHECK_CODE(error, ENFOLD_CODE_IN_USE);
  CHECK(old == NULL);
  CHECK_TEXT(enfold_linked_name(set), "one");
  CHECK(call(user, "f", 1) == 2);

  next = version("two", c_object("int step(int n) { return n + 2; }"));
  CHECK_CODE(enfold_session_replace(session, user, next, NULL, 0, &old), ENFOLD_CODE_INVALID_ARGUMENT);
  CHECK_CODE(enfold_session_replace(session, NULL, version("two", "x.o"), NULL, 0, &old), ENFOLD_CODE_INVALID_ARGUMENT);
  CHECK_CODE(enfold_session_replace(session, set, NULL, NULL, 0, &old), ENFOLD_CODE_MEMORY);
  MUST(enfold_linked_unload(user));
  MUST(enfold_linked_unload(set));
  CHECK_CODE(enfold_session_replace(session, set, version("two", "x.o"), NULL, 0, &old), ENFOLD_CODE_INVALID_ARGUMENT);
  enfold_linked_free(user);
  enfold_linked_free(set);
  enfold_session_free(session);
}

const struct test replace_tests[] = {
    {"users_and_handles_get_the_new_version", users_and_handles_get_the_new_version},
    {"state_is_kept_on_request", state_is_kept_on_request},
    {"a_version_without_what_users_need_is_refused", a_version_without_what_users_need_is_refused},
    {NULL, NULL},
};
