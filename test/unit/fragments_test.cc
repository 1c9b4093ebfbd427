// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Pieces of _init and _fini: functions of their own, where their alignment wants them, whatever else is left out.
#include <cstdint>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "support.h"

namespace enfold::test {
namespace {

struct FragmentsTest : testing::Test {
  std::unique_ptr<Session> session = new_session();

  LinkedSet link(const std::string& source, bool gc = false) {
    ObjectSet set = private_set(assembled(source), "fragments");
    set.options().gc_sections = gc;
    set.options().roots = {"here"};
    return must(session->link(std::move(set)));
  }
  std::string refusal(const std::string& source) {
    return error_of(session->link(private_set(assembled(source), "fragments"))).text();
  }
};

const std::string kNotesWhere =
    ".section .init,\"ax\",@progbits\n"
    ".balign 64\npiece: leaq piece(%rip), %rax\nmovq %rax, here(%rip)\nmovq %rsp, stack(%rip)\n"
    ".bss\n.globl here, stack\nhere: .quad 0\nstack: .quad 0\n"
    ".text\nunused: ret\n";

TEST_F(FragmentsTest, RunWhereTheirAlignmentWantsThem) {
  const LinkedSet set = link(kNotesWhere);
  const std::uint64_t piece = *must(set.object<std::uint64_t>("here"));
  EXPECT_NE(piece, 0u);
  EXPECT_EQ(piece % 64, 0u);
  EXPECT_EQ(*must(set.object<std::uint64_t>("stack")) % 16, 0u);
}

TEST_F(FragmentsTest, AreKeptThoughNobodyRefersToThem) {
  EXPECT_NE(*must(link(kNotesWhere, true).object<std::uint64_t>("here")), 0u);
}

TEST_F(FragmentsTest, OfTheEndRunWhenTheSetGoes) {
  static std::uint64_t ended = 0;
  must(session->define("ended", target(&ended), HostSymbolKind::kData));
  {
    const LinkedSet set = link(".section .fini,\"ax\",@progbits\nmovq ended@GOTPCREL(%rip), %rax\nincq (%rax)\n");
    EXPECT_EQ(ended, 0u);
  }
  EXPECT_EQ(ended, 1u);
}

// As constructors do not: they would make the state anew.
TEST_F(FragmentsTest, DoNotRunAgainWhereStateIsKept) {
  const auto version = [](int number) {
    ObjectSet set = set_of({{"part.o", assembled(".section .init,\"ax\",@progbits\nincl count(%rip)\n"
                                                 ".data\n.type count, @object\n.size count, 4\ncount: .long 10\n"
                                                 ".text\n.globl counted\n.type counted, @function\n"
                                                 "counted: movl count(%rip), %eax\nnop\nret\n")}},
                           "v" + std::to_string(number));
    set.options().replaceable = Replaceable::kByOthers;
    return set;
  };
  LinkedSet set = must(session->link(version(1)));
  EXPECT_EQ(function<int()>(set, "counted")(), 11);
  must(session->replace(set, version(2), {.keep_state = true}));
  EXPECT_EQ(function<int()>(set, "counted")(), 11);
  must(session->replace(set, version(3)));
  EXPECT_EQ(function<int()>(set, "counted")(), 11);
}

// As crti.o does: its end would be another object's.
TEST_F(FragmentsTest, WhatBeginsTheFunctionItselfIsRefused) {
  const std::string text = refusal(".section .init,\"ax\",@progbits\n.globl _init\n_init: subq $8, %rsp\n");
  EXPECT_NE(text.find(".init: the beginning of a function that another object ends"), std::string::npos) << text;
  EXPECT_NE(text.find("leave out crti.o and crtn.o"), std::string::npos) << text;
}

TEST_F(FragmentsTest, WithoutCodeAreNone) {
  link(".section .init,\"ax\",@progbits\n.section .fini,\"ax\",@nobits\n.skip 16\n");
}

}  // namespace
}  // namespace enfold::test
