// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What lies at an address.
#include <string.h>

#include "check.h"
#include "support.h"
#include "tests.h"

static const char source[] = "int shown(int n) { return n + 1; }\n";

static enfold_session* session_with(enfold_symbol_detail symbols) {
  enfold_session_options options = {0};
  options.symbols = symbols;
  enfold_session* session;
  MUST(enfold_session_create(&options, sizeof options, &session));
  return session;
}

static void set_and_symbol_are_named(void) {
  enfold_session* session = session_with(ENFOLD_SYMBOL_DETAIL_EXPORTED);
  enfold_linked_set* set = linked(session, set_of("numbers", c_object(source)));
  void* shown;
  MUST(enfold_linked_address(set, "shown", &shown));
  enfold_description found;
  CHECK(enfold_describe(session, (char*)shown + 1, &found, sizeof found));
  CHECK_TEXT(found.set, "numbers");
  CHECK_TEXT(found.symbol, "shown");
  CHECK_TEXT(found.section, "");
  CHECK(found.offset == 1);
  CHECK(found.lo == (uintptr_t)shown);
  enfold_linked_free(set);
  enfold_session_free(session);
}

static void sections_are_named_where_asked(void) {
  enfold_session* session = session_with(ENFOLD_SYMBOL_DETAIL_ALL);
  enfold_linked_set* set = linked(session, set_of("numbers", c_object(source)));
  void* shown;
  MUST(enfold_linked_address(set, "shown", &shown));
  enfold_description found;
  CHECK(enfold_describe(session, shown, &found, sizeof found));
  CHECK_TEXT(found.symbol, "shown");
  CHECK_TEXT(found.section, ".text");
  CHECK(strlen(found.object) != 0);
  enfold_linked_free(set);
  enfold_session_free(session);
}

static void other_addresses_are_nobodys(void) {
  enfold_session* session = session_with(ENFOLD_SYMBOL_DETAIL_EXPORTED);
  enfold_linked_set* set = linked(session, set_of("numbers", c_object(source)));
  void* shown;
  MUST(enfold_linked_address(set, "shown", &shown));
  enfold_description found = {.set = "as before"};
  CHECK(!enfold_describe(session, &found, &found, sizeof found));
  CHECK_TEXT(found.set, "as before");
  CHECK(!enfold_describe(NULL, shown, &found, sizeof found));
  enfold_linked_free(set);
  CHECK(!enfold_describe(session, shown, &found, sizeof found));
  enfold_session_free(session);
}

static void an_unknown_detail_is_an_error(void) {
  enfold_session_options options = {0};
  options.symbols = (enfold_symbol_detail)7;
  enfold_session* session;
  enfold_error* error = enfold_session_create(&options, sizeof options, &session);
  CHECK(enfold_error_code(error) == ENFOLD_CODE_INVALID_ARGUMENT);
  enfold_error_free(error);
}

const struct test describe_tests[] = {
    {"set_and_symbol_are_named", set_and_symbol_are_named},
    {"sections_are_named_where_asked", sections_are_named_where_asked},
    {"other_addresses_are_nobodys", other_addresses_are_nobodys},
    {"an_unknown_detail_is_an_error", an_unknown_detail_is_an_error},
    {NULL, NULL},
};
