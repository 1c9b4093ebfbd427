// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Plans: every list of one, from its first element to its last.
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "support.h"
#include "tests.h"

// A slot that cannot be relaxed away, a bound stub, a common, and a reference to nobody.
static const char kNeedy[] =
    "extern int maybe __attribute__((weak)); int* where(void) { return &maybe; }\n"
    "int data = 1; int atexit(void (*)(void)); static void out(void) { data = 0; } int in(int n) { return atexit(out) "
    "+ n; }\n"
    "int tentative __attribute__((common));\n"
    "const char text[] = \"text\";\n";

static enfold_object_set* needy_set(void) {
  enfold_object_set* set = set_of("needy", object_of(kNeedy, ".c", "-O1 -fPIC -fcommon"));
  enfold_set_relax(set, false);
  return set;
}

static enfold_session* detailed_session(void) {
  enfold_session_options options = {0};
  options.detail = ENFOLD_DETAIL_SECTIONS;
  enfold_session* session;
  MUST(enfold_session_create(&options, sizeof options, &session));
  return session;
}

static void check_segments(const enfold_plan* plan, bool placed) {
  enfold_totals totals;
  enfold_plan_totals(plan, &totals, sizeof totals);
  enfold_segment segment;
  uint64_t size = 0, slot_count = 0, stub_count = 0, section_count = 0;
  for (size_t i = 0; enfold_plan_segment(plan, i, &segment, sizeof segment); ++i) {
    size += segment.size;
    slot_count += segment.slot_count;
    stub_count += segment.stub_count;
    section_count += segment.section_count;
    CHECK(segment.written_size <= segment.size);
    CHECK(segment.alignment >= 1 && segment.base % segment.alignment == 0);
    CHECK((segment.base != 0) == placed);
  }
  CHECK(size > 0);
  CHECK_SIZE(size, totals.size);
  CHECK(section_count > 0);
  CHECK(slot_count >= enfold_plan_count(plan, ENFOLD_NEED_KIND_SLOT));
  CHECK(stub_count >= 1);
}

static void check_needs(const enfold_plan* plan) {
  enfold_need need;
  uint64_t counts[ENFOLD_NEED_KIND_COMMON + 1] = {0};
  bool maybe = false, tentative = false;
  for (size_t i = 0; enfold_plan_need(plan, i, &need, sizeof need); ++i) {
    ++counts[need.kind];
    CHECK_TEXT(need.shared_with, "");
    if (strcmp(need.symbol, "maybe") == 0) {
      maybe = true;
      CHECK(need.kind == ENFOLD_NEED_KIND_SLOT);
      CHECK_SIZE(need.size, 8);
      CHECK_SIZE(need.use_count, 1);
      CHECK(need.first_use.has_offset);
      CHECK_TEXT(need.first_use.section, ".text");
      CHECK_HAS(need.first_use.relocation, "GOTPCREL");
    }
    if (strcmp(need.symbol, "tentative") == 0) {
      tentative = true;
      CHECK(need.kind == ENFOLD_NEED_KIND_COMMON && need.reason == ENFOLD_REASON_TENTATIVE);
      CHECK_SIZE(need.size, sizeof(int));
    }
  }
  CHECK(maybe && tentative);
  CHECK_SIZE(counts[ENFOLD_NEED_KIND_BOUND_STUB], 1);
  for (int kind = 0; kind <= ENFOLD_NEED_KIND_COMMON; ++kind) {
    CHECK_SIZE(enfold_plan_count(plan, (enfold_need_kind)kind), counts[kind]);
  }
  CHECK_SIZE(enfold_plan_count(plan, (enfold_need_kind)7), 0);
}

static void check_sections_and_symbols(const enfold_plan* plan, bool placed) {
  enfold_section section;
  bool text = false, in = false;
  for (size_t i = 0; enfold_plan_section(plan, i, &section, sizeof section); ++i) {
    enfold_segment segment;
    CHECK(enfold_plan_segment(plan, section.segment, &segment, sizeof segment));
    CHECK(section.offset + section.size <= segment.size);
    CHECK(section.offset % section.alignment == 0);
    if (strcmp(section.name, ".text") != 0) continue;
    text = segment.protection == ENFOLD_PROTECTION_READ_EXECUTE;
    CHECK_HAS(section.object, ".o");
  }
  CHECK(text);
  enfold_symbol symbol;
  for (size_t i = 0; enfold_plan_symbol(plan, i, &symbol, sizeof symbol); ++i) {
    if (strcmp(symbol.name, "in") != 0) continue;
    in = true;
    CHECK((symbol.address != 0) == placed);
    CHECK(symbol.size > 0);
    CHECK_HAS(symbol.origin, ".o");
  }
  CHECK(in);
}

static void a_plan_tells_all_of_a_link(void) {
  enfold_session* session = detailed_session();
  enfold_object_set* set = needy_set();
  enfold_plan* plan;
  MUST(enfold_session_plan(session, set, &plan));
  enfold_totals totals;
  enfold_plan_totals(plan, &totals, sizeof totals);
  CHECK_TEXT(totals.set, "needy");
  CHECK_TEXT(totals.architecture, "x86-64");
  CHECK_SIZE(totals.object_count, 1);
  CHECK_SIZE(totals.zone_count, 1);
  CHECK(totals.window_lo < totals.window_hi);
  CHECK(totals.relocation_count >= 3);
  check_segments(plan, false);
  check_needs(plan);
  check_sections_and_symbols(plan, false);
  CHECK_HAS(enfold_plan_input(plan, 0), ".o");
  CHECK(enfold_plan_input(plan, 1) == NULL);
  enfold_pass pass;
  CHECK(enfold_plan_pass(plan, 0, &pass, sizeof pass));
  CHECK_TEXT(pass.name, "open");

  // The same set, and a plan that outlives it.
  enfold_linked_set* live = linked(session, set);
  const enfold_plan* used = enfold_linked_plan(live);
  enfold_usage usage;
  enfold_linked_usage(live, &usage, sizeof usage);
  check_segments(used, true);
  check_needs(used);
  check_sections_and_symbols(used, true);
  CHECK_SIZE(usage.slot_count, enfold_plan_count(plan, ENFOLD_NEED_KIND_SLOT));
  enfold_linked_free(live);
  enfold_session_free(session);
  check_needs(plan);
  enfold_plan_free(plan);
}

static void undefined_symbols_are_listed_with_who_refers_to_them(void) {
  enfold_session* session = new_session();
  enfold_object_set* set = set_of("f", c_object("int lost(int); int f(int n) { return lost(lost(n) + 1); }"));
  enfold_plan* plan;
  MUST(enfold_session_plan(session, set, &plan));
  enfold_set_free(set);
  enfold_totals totals;
  enfold_plan_totals(plan, &totals, sizeof totals);
  CHECK_SIZE(totals.unresolved_count, 1);
  enfold_unresolved symbol;
  CHECK(enfold_plan_unresolved(plan, 0, &symbol, sizeof symbol));
  CHECK(!enfold_plan_unresolved(plan, 1, &symbol, sizeof symbol));
  CHECK_TEXT(symbol.name, "lost");
  CHECK_SIZE(symbol.reference_count, 2);
  enfold_place first, second;
  CHECK(enfold_plan_reference(plan, 0, 0, &first, sizeof first));
  CHECK(enfold_plan_reference(plan, 0, 1, &second, sizeof second));
  CHECK(!enfold_plan_reference(plan, 0, 2, &second, sizeof second));
  CHECK(!enfold_plan_reference(plan, 1, 0, &second, sizeof second));
  CHECK_TEXT(first.relocation, "R_X86_64_PLT32");
  CHECK(first.has_offset && second.has_offset && first.offset != second.offset);
  enfold_plan_free(plan);
  enfold_session_free(session);
}

static void marks_of_the_code_are_told(void) {
  enfold_session* session = new_session();
  for (int marked = 0; marked < 2; ++marked) {
    const char* flags = marked ? "-O1 -fcf-protection=full" : "-O1 -fcf-protection=none";
    enfold_object_set* set = set_of("f", object_of("int f(int n) { return n; }", ".c", flags));
    enfold_plan* plan;
    MUST(enfold_session_plan(session, set, &plan));
    enfold_set_free(set);
    enfold_totals totals;
    enfold_plan_totals(plan, &totals, sizeof totals);
    CHECK(totals.landing_pads == (marked == 1));
    CHECK(totals.shadow_stack == (marked == 1));
    enfold_plan_free(plan);
  }
  enfold_session_free(session);
}

static void no_plan_is_empty(void) {
  enfold_totals totals;
  enfold_plan_totals(NULL, &totals, sizeof totals);
  CHECK_TEXT(totals.set, "");
  CHECK_SIZE(totals.size, 0);
  CHECK_SIZE(enfold_plan_count(NULL, ENFOLD_NEED_KIND_SLOT), 0);
  CHECK(!enfold_plan_need(NULL, 0, NULL, 0));
  CHECK(!enfold_plan_reference(NULL, 0, 0, NULL, 0));
  CHECK(enfold_plan_input(NULL, 0) == NULL);
  CHECK(enfold_linked_plan(NULL) == NULL);
  enfold_session* session = new_session();  // keeps none
  enfold_linked_set* set = linked(session, set_of("x", c_object("int x;")));
  CHECK(!enfold_plan_segment(enfold_linked_plan(set), 0, NULL, 0));
  enfold_linked_free(set);
  enfold_session_free(session);
}

const struct test plan_tests[] = {
    {"a_plan_tells_all_of_a_link", a_plan_tells_all_of_a_link},
    {"undefined_symbols_are_listed_with_who_refers_to_them", undefined_symbols_are_listed_with_who_refers_to_them},
    {"marks_of_the_code_are_told", marks_of_the_code_are_told},
    {"no_plan_is_empty", no_plan_is_empty},
    {NULL, NULL},
};
