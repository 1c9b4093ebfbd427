// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What an Error carries arrives in C.
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "support.h"
#include "tests.h"

static void undefined_symbols_have_places_and_causes(void) {
  enfold_session* session = new_session();
  enfold_linked_set* set = (enfold_linked_set*)&set;
  const char* object = c_object("int lost(int); int gone(void); int f(int n) { return lost(n) + gone(); }");
  enfold_error* error = enfold_session_link(session, set_of("f", object), &set);
  CHECK(enfold_error_code(error) == ENFOLD_CODE_UNDEFINED_SYMBOL);
  CHECK(set == NULL);
  CHECK_SIZE(enfold_error_cause_count(error), 2);
  CHECK(enfold_error_cause(error, 2) == NULL);

  const enfold_error* cause = enfold_error_cause(error, 0);
  enfold_place place;
  enfold_error_place(cause, &place, sizeof place);
  CHECK(enfold_error_code(cause) == ENFOLD_CODE_UNDEFINED_SYMBOL);
  CHECK_TEXT(place.symbol, "lost");
  CHECK(!place.has_offset);
  const enfold_error* reference = enfold_error_cause(cause, 0);
  enfold_error_place(reference, &place, sizeof place);
  CHECK_TEXT(place.object, object);
  CHECK_TEXT(place.section, ".text");
  CHECK_TEXT(place.relocation, "R_X86_64_PLT32");
  CHECK(place.has_offset && place.offset > 0);
  CHECK_HAS(enfold_error_text(cause), "lost");
  CHECK_HAS(enfold_error_text(error), enfold_error_text(reference));
  CHECK_HAS(enfold_error_text(error), enfold_error_message(error));
  CHECK_HAS(enfold_error_text(error), "gone");
  enfold_error_free(error);
  enfold_session_free(session);
}

static void a_file_that_is_not_there(void) {
  enfold_session* session = new_session();
  enfold_linked_set* set;
  enfold_error* error = enfold_session_link(session, set_of("none", "/nowhere/none.o"), &set);
  enfold_place place;
  enfold_error_place(error, &place, sizeof place);
  CHECK_TEXT(place.object, "/nowhere/none.o");
  CHECK(!place.has_offset);
  enfold_range range;
  CHECK(!enfold_error_range(error, &range, sizeof range));
  CHECK_CODE(error, ENFOLD_CODE_IO);
  enfold_session_free(session);
}

static void a_value_out_of_range_has_its_bounds_and_a_cure(void) {
  enfold_session* session = new_session();
  enfold_linked_set* set;
  MUST(enfold_session_define(session, "far", (void*)0x123456789abc, ENFOLD_SYMBOL_KIND_DATA));
  const char* object = object_of(".data\n.globl x\nx: .long far\n.section .note.GNU-stack,\"\",@progbits\n", ".s", "");
  enfold_error* error = enfold_session_link(session, set_of("far", object), &set);
  const enfold_error* cause = enfold_error_cause_count(error) == 0 ? error : enfold_error_cause(error, 0);
  enfold_range range = {0};
  CHECK(enfold_error_range(cause, &range, sizeof range));
  CHECK_SIZE((uint64_t)range.value, 0x123456789abc);
  CHECK_SIZE(range.hi, 0x100000000);
  CHECK(range.lo <= 0);
  CHECK(enfold_error_cure(cause)[0] != '\0');
  CHECK_HAS(enfold_error_text(error), enfold_error_cure(cause));
  CHECK_CODE(error, ENFOLD_CODE_OUT_OF_RANGE);
  enfold_session_free(session);
}

static void no_error_is_empty(void) {
  enfold_place place;
  enfold_error_place(NULL, &place, sizeof place);
  CHECK_TEXT(place.object, "");
  CHECK(enfold_error_code(NULL) == ENFOLD_CODE_NONE);
  CHECK_TEXT(enfold_error_text(NULL), "");
  CHECK_TEXT(enfold_error_message(NULL), "");
  CHECK_TEXT(enfold_error_cure(NULL), "");
  CHECK_SIZE(enfold_error_cause_count(NULL), 0);
  CHECK(enfold_error_cause(NULL, 0) == NULL);
  enfold_error_free(NULL);
}

// A set that could not even be made is what link reports.
static void no_memory_is_an_error_like_others(void) {
  enfold_session* session = new_session();
  enfold_linked_set* set;
  enfold_set_add_file(NULL, "a.o");
  enfold_error* error = enfold_session_link(session, NULL, &set);
  enfold_place place;
  enfold_range range;
  enfold_error_place(error, &place, sizeof place);
  CHECK_TEXT(place.symbol, "");
  CHECK(!enfold_error_range(error, &range, sizeof range));
  CHECK_SIZE(enfold_error_cause_count(error), 0);
  CHECK_TEXT(enfold_error_text(error), "out of memory");
  CHECK_TEXT(enfold_error_message(error), "out of memory");
  CHECK_TEXT(enfold_error_cure(error), "");
  CHECK_CODE(error, ENFOLD_CODE_MEMORY);
  enfold_session_free(session);
}

static void names_are_those_of_the_documents(void) {
  CHECK_TEXT(enfold_code_name(ENFOLD_CODE_NONE), "no error");
  CHECK_TEXT(enfold_code_name(ENFOLD_CODE_INVALID_ARGUMENT), "invalid argument");
  CHECK_TEXT(enfold_code_name(ENFOLD_CODE_NOT_FOUND), "not found");
  CHECK_TEXT(enfold_code_name((enfold_code)15), "unknown");
  CHECK_TEXT(enfold_memory_kind_name(ENFOLD_MEMORY_KIND_STRICT), "strict");
  CHECK_TEXT(enfold_need_kind_name(ENFOLD_NEED_KIND_BOUND_STUB), "bound-stub");
  CHECK_TEXT(enfold_reason_name(ENFOLD_REASON_REPLACEABLE), "replaceable");
  CHECK_TEXT(enfold_protection_name(ENFOLD_PROTECTION_RELRO), "RELRO");
  CHECK_TEXT(enfold_use_kind_name(ENFOLD_USE_KIND_SHARED_STUB), "shares its stub");
}

static void demangled_names_are_cut_to_the_buffer(void) {
  char buffer[8];
  CHECK_SIZE(enfold_demangle("_Z6squarei", buffer, sizeof buffer), strlen("square(int)"));
  CHECK_TEXT(buffer, "square(");
  CHECK_SIZE(enfold_demangle("main", buffer, sizeof buffer), 4);
  CHECK_TEXT(buffer, "main");
  CHECK_SIZE(enfold_demangle("main", NULL, 0), 4);
  CHECK_SIZE(enfold_demangle(NULL, buffer, sizeof buffer), 0);
  CHECK_TEXT(buffer, "");
}

const struct test error_tests[] = {
    {"undefined_symbols_have_places_and_causes", undefined_symbols_have_places_and_causes},
    {"a_file_that_is_not_there", a_file_that_is_not_there},
    {"a_value_out_of_range_has_its_bounds_and_a_cure", a_value_out_of_range_has_its_bounds_and_a_cure},
    {"no_error_is_empty", no_error_is_empty},
    {"no_memory_is_an_error_like_others", no_memory_is_an_error_like_others},
    {"names_are_those_of_the_documents", names_are_those_of_the_documents},
    {"demangled_names_are_cut_to_the_buffer", demangled_names_are_cut_to_the_buffer},
    {NULL, NULL},
};
