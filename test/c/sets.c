// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sets: what goes in, who sees whom, and the end of them.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "support.h"
#include "tests.h"

static const char kTwice[] = "int scale = 2; int twice(int n) { return scale * n; }";
static const char kFour[] = "int twice(int); int four(int n) { return twice(twice(n)); }";

static void a_file_is_linked_and_called(void) {
  enfold_session* session = new_session();
  enfold_linked_set* set = linked(session, set_of("twice", c_object(kTwice)));
  CHECK_TEXT(enfold_linked_name(set), "twice");
  CHECK(call(set, "twice", 21) == 42);
  void* scale;
  MUST(enfold_linked_address(set, "scale", &scale));
  *(int*)scale = 10;
  CHECK(call(set, "twice", 21) == 210);
  enfold_linked_free(set);
  CHECK_CODE(enfold_session_address(session, "scale", &scale), ENFOLD_CODE_NOT_FOUND);
  CHECK(scale == NULL);
  enfold_session_free(session);
}

static void bytes_are_linked_under_their_name(void) {
  enfold_session* session = new_session();
  size_t size;
  void* bytes = bytes_of(c_object("int missing(void); int f(int n) { return missing() + n; }"), &size);
  enfold_object_set* set = enfold_set_create("bytes");
  enfold_set_add_bytes(set, bytes, size, "buffer 7");
  enfold_linked_set* live;
  enfold_error* error = enfold_session_link(session, set, &live);
  CHECK_HAS(enfold_error_text(error), "buffer 7");
  CHECK_CODE(error, ENFOLD_CODE_UNDEFINED_SYMBOL);
  free(bytes);

  bytes = bytes_of(c_object(kTwice), &size);
  set = enfold_set_create("bytes");
  enfold_set_add_bytes(set, bytes, size, "twice.o");
  live = linked(session, set);
  free(bytes);
  CHECK(call(live, "twice", 4) == 8);
  enfold_linked_free(live);
  enfold_session_free(session);
}

static void archives_are_taken_by_need_or_whole(void) {
  enfold_session* session = new_session();
  const char* archive = archive_of(c_object(kTwice), "twice");
  const char* nothing = c_object("int nothing;");
  enfold_function function;

  enfold_object_set* set = set_of("by need", nothing);
  enfold_set_add_archive(set, archive, false);
  enfold_linked_set* live = linked(session, set);
  CHECK_CODE(enfold_linked_function(live, "twice", &function), ENFOLD_CODE_NOT_FOUND);
  enfold_linked_free(live);

  set = set_of("whole", nothing);
  enfold_set_add_archive(set, archive, true);
  live = linked(session, set);
  CHECK(call(live, "twice", 3) == 6);
  enfold_linked_free(live);

  set = set_of("library", c_object(kFour));
  enfold_set_add_library(set, "twice", false);
  enfold_set_add_search_directory(set, scratch());
  live = linked(session, set);
  CHECK(call(live, "four", 3) == 12);
  enfold_linked_free(live);
  enfold_session_free(session);
}

static void later_sets_see_earlier_ones(void) {
  enfold_session* session = new_session();
  enfold_linked_set* twice = linked(session, set_of("twice", c_object(kTwice)));
  enfold_linked_set* four = linked(session, set_of("four", c_object(kFour)));
  CHECK(call(four, "four", 5) == 20);
  enfold_function function;
  MUST(enfold_session_function(session, "four", &function));
  CHECK(((int (*)(int))function)(1) == 4);
  enfold_linked_free(twice);  // goes with the set that uses it
  CHECK(call(four, "four", 6) == 24);
  enfold_linked_free(four);
  enfold_session_free(session);
}

static void private_sets_are_seen_by_name_only(void) {
  enfold_session* session = new_session();
  enfold_object_set* set = set_of("private", c_object(kTwice));
  enfold_set_visibility(set, ENFOLD_VISIBILITY_PRIVATE);
  enfold_linked_set* twice = linked(session, set);
  const char* user = c_object(kFour);
  enfold_linked_set* four;
  CHECK_CODE(enfold_session_link(session, set_of("four", user), &four), ENFOLD_CODE_UNDEFINED_SYMBOL);

  set = set_of("four", user);
  enfold_set_use(set, twice);
  four = linked(session, set);
  CHECK(call(four, "four", 5) == 20);
  enfold_linked_free(four);
  enfold_linked_free(twice);
  enfold_session_free(session);
}

static void slots_are_shared_on_request(void) {
  enfold_session_options options = {0};
  options.detail = ENFOLD_DETAIL_SUMMARY;
  enfold_session* session;
  MUST(enfold_session_create(&options, sizeof options, &session));
  static int there;
  MUST(enfold_session_define(session, "there", &there, ENFOLD_SYMBOL_KIND_DATA));
  const char* object = object_of("extern int there; int* where(void) { return &there; }", ".c", "-O1 -fPIC");
  enfold_object_set* set = set_of("first", object);
  enfold_set_relax(set, false);
  enfold_set_visibility(set, ENFOLD_VISIBILITY_PRIVATE);
  enfold_linked_set* first = linked(session, set);
  enfold_usage usage;
  enfold_linked_usage(first, &usage, sizeof usage);
  CHECK_SIZE(usage.slot_count, 1);
  CHECK_SIZE(usage.slot_size, 8);

  set = set_of("second", object);
  enfold_set_relax(set, false);
  enfold_set_share_with(set, first);
  enfold_linked_set* second = linked(session, set);
  enfold_linked_usage(second, &usage, sizeof usage);
  CHECK_SIZE(usage.slot_count, 0);
  CHECK_SIZE(usage.shared_slot_count, 1);

  enfold_users* users;
  enfold_use use = {.set = "", .symbol = ""};
  MUST(enfold_linked_users(first, &users));
  CHECK(enfold_users_get(users, 0, &use, sizeof use));
  CHECK(use.kind == ENFOLD_USE_KIND_SHARED_SLOT);
  CHECK_TEXT(use.set, "second");
  CHECK_TEXT(use.symbol, "there");
  CHECK(!enfold_users_get(users, 1, &use, sizeof use));
  enfold_users_free(users);
  enfold_linked_free(second);
  enfold_linked_free(first);
  enfold_session_free(session);
}

static void a_set_in_use_stays(void) {
  enfold_session* session = new_session();
  enfold_linked_set* twice = linked(session, set_of("twice", c_object(kTwice)));
  enfold_linked_set* four = linked(session, set_of("four", c_object(kFour)));
  enfold_error* error = enfold_linked_unload(twice);
  CHECK(enfold_error_code(error) == ENFOLD_CODE_IN_USE);
  CHECK_SIZE(enfold_error_cause_count(error), 1);
  enfold_place place;
  enfold_error_place(enfold_error_cause(error, 0), &place, sizeof place);
  CHECK_TEXT(place.symbol, "twice");
  CHECK_HAS(enfold_error_text(enfold_error_cause(error, 0)), "'four'");
  CHECK_HAS(enfold_error_cure(error), "unload");
  enfold_error_free(error);
  CHECK(call(four, "four", 1) == 4);

  MUST(enfold_linked_unload(four));
  MUST(enfold_linked_unload(twice));
  CHECK_CODE(enfold_linked_unload(twice), ENFOLD_CODE_INVALID_ARGUMENT);
  enfold_function function;
  CHECK_CODE(enfold_linked_function(twice, "twice", &function), ENFOLD_CODE_NOT_FOUND);
  CHECK_TEXT(enfold_linked_name(twice), "");
  enfold_linked_free(four);
  enfold_linked_free(twice);
  enfold_session_free(session);
}

static void all_sets_go_at_once(void) {
  enfold_session* session = new_session();
  enfold_linked_set* twice = linked(session, set_of("twice", c_object(kTwice)));
  enfold_linked_set* four = linked(session, set_of("four", c_object(kFour)));
  MUST(enfold_session_unload_all(session));
  void* address;
  CHECK_CODE(enfold_linked_address(four, "four", &address), ENFOLD_CODE_NOT_FOUND);
  CHECK_CODE(enfold_session_address(session, "twice", &address), ENFOLD_CODE_NOT_FOUND);
  enfold_linked_free(twice);
  enfold_linked_free(four);
  enfold_session_free(session);
}

static void roots_keep_what_is_hidden_and_unreached(void) {
  enfold_session* session = new_session();
  const char* object = object_of(
      "__attribute__((visibility(\"hidden\"))) int kept(int n) { return n + 1; }\n"
      "int dropped(int n) { return n; }\n",
      ".c", "-O1 -ffunction-sections");
  enfold_object_set* set = set_of("roots", object);
  enfold_set_gc_sections(set, true);
  enfold_set_add_root(set, "kept");
  enfold_linked_set* live = linked(session, set);
  CHECK(call(live, "kept", 1) == 2);
  enfold_function function;
  CHECK_CODE(enfold_linked_function(live, "dropped", &function), ENFOLD_CODE_NOT_FOUND);
  enfold_linked_free(live);
  enfold_session_free(session);
}

// A 32-bit reference to a library's data is an error without a copy.
static void data_is_copied_on_request(void) {
  enfold_session* session = new_session();
  const char* object =
      object_of("extern char** environ; int f(int n) { return (long)&environ != n; }", ".c", "-O1 -fno-pic -fno-pie");
  enfold_linked_set* live;
  CHECK_CODE(enfold_session_link(session, set_of("no copy", object), &live), ENFOLD_CODE_OUT_OF_RANGE);
  enfold_object_set* set = set_of("copy", object);
  enfold_set_copy_data(set, true);
  enfold_set_global_libraries(set, true);
  live = linked(session, set);
  CHECK(call(live, "f", 1) == 1);
  enfold_linked_free(live);
  enfold_session_free(session);
}

// dlsym(3) would keep the set for good.
static void a_set_may_be_a_shared_object(void) {
  enfold_session* session = new_session();
  enfold_object_set* set = set_of("shared", c_object("int shared_in_c(int n) { return n + 1; }"));
  enfold_set_as_shared_object(set, true);
  enfold_linked_set* live = linked(session, set);
  void* function;
  MUST(enfold_linked_address(live, "shared_in_c", &function));
  Dl_info info;
  CHECK(dladdr(function, &info) != 0);
  CHECK_TEXT(info.dli_sname, "shared_in_c");
  enfold_linked_free(live);
  CHECK(dladdr(function, &info) == 0);
  enfold_session_free(session);
}

static void a_call_that_makes_no_sense_is_reported_at_the_end(void) {
  enfold_session* session = new_session();
  enfold_object_set* set = set_of("senseless", c_object(kTwice));
  enfold_set_add_file(set, NULL);
  enfold_set_visibility(set, (enfold_visibility)3);
  enfold_plan* plan;
  enfold_error* error = enfold_session_plan(session, set, &plan);
  CHECK_HAS(enfold_error_text(error), "enfold_set_add_file");
  CHECK_HAS(enfold_error_text(error), "senseless");
  CHECK_CODE(error, ENFOLD_CODE_INVALID_ARGUMENT);
  enfold_linked_set* live;
  CHECK_CODE(enfold_session_link(session, set, &live), ENFOLD_CODE_INVALID_ARGUMENT);

  set = set_of("visibility", c_object(kTwice));
  enfold_set_visibility(set, (enfold_visibility)3);
  CHECK_CODE(enfold_session_link(session, set, &live), ENFOLD_CODE_INVALID_ARGUMENT);
  set = set_of("replaceable", c_object(kTwice));
  enfold_set_replaceable(set, (enfold_replaceable)3);
  CHECK_CODE(enfold_session_link(session, set, &live), ENFOLD_CODE_INVALID_ARGUMENT);
  CHECK_CODE(enfold_session_link(session, enfold_set_create(NULL), &live), ENFOLD_CODE_INVALID_ARGUMENT);
  enfold_set_free(enfold_set_create("never linked"));
  enfold_session_free(session);
}

const struct test set_tests[] = {
    {"a_file_is_linked_and_called", a_file_is_linked_and_called},
    {"bytes_are_linked_under_their_name", bytes_are_linked_under_their_name},
    {"archives_are_taken_by_need_or_whole", archives_are_taken_by_need_or_whole},
    {"later_sets_see_earlier_ones", later_sets_see_earlier_ones},
    {"private_sets_are_seen_by_name_only", private_sets_are_seen_by_name_only},
    {"slots_are_shared_on_request", slots_are_shared_on_request},
    {"a_set_in_use_stays", a_set_in_use_stays},
    {"all_sets_go_at_once", all_sets_go_at_once},
    {"roots_keep_what_is_hidden_and_unreached", roots_keep_what_is_hidden_and_unreached},
    {"data_is_copied_on_request", data_is_copied_on_request},
    {"a_set_may_be_a_shared_object", a_set_may_be_a_shared_object},
    {"a_call_that_makes_no_sense_is_reported_at_the_end", a_call_that_makes_no_sense_is_reported_at_the_end},
    {NULL, NULL},
};
