// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sections that live as long as others do (SHF_LINK_ORDER), where only what is used is linked.
#include <string>

#include "support.h"

namespace enfold::test {
namespace {

// f() counts the words of `notes`, and calls used().
constexpr char kUser[] =
    "extern long __start_notes[], __stop_notes[]; void used(void);\n"
    "long f(void) { used(); return __stop_notes - __start_notes; }";
constexpr char kFunctions[] =
    ".section .text.used,\"ax\",@progbits\n.globl used\nused: ret\n"
    ".section .text.unused,\"ax\",@progbits\nunused: ret\n"
    ".section notes,\"awo\",@progbits,.text.used\n.quad used\n"
    ".section notes,\"awo\",@progbits,.text.unused\n.quad unused\n";

ObjectSet used_of(std::string more) {
  ObjectSet set = set_of({{"user.o", c_object(kUser)}, {"functions.o", assembled(kFunctions + more)}});
  set.options().gc_sections = true;
  set.options().roots = {"f"};
  return set;
}

TEST(Company, NotesOfUnusedCodeAreDroppedThoughTheirBoundsAreAskedFor) {
  EXPECT_EQ(call<long()>(must(new_session()->link(used_of(""))), "f"), 1);
}

TEST(Company, NotesOfNoCodeAreKeptWhereTheirBoundsAreAskedFor) {
  const LinkedSet set = must(new_session()->link(used_of(".section notes,\"aw\",@progbits,unique,1\n.quad 3\n")));
  EXPECT_EQ(call<long()>(set, "f"), 2);
}

TEST(Company, NotesOfWhatIsNotLoadedAreKeptLikewise) {
  const LinkedSet set = must(new_session()->link(used_of(
      ".section .comment,\"\",@progbits\n.byte 0\n.section notes,\"awo\",@progbits,.comment,unique,1\n.quad 3\n")));
  EXPECT_EQ(call<long()>(set, "f"), 2);
}

// A copy that is dropped takes its notes along, whatever symbols they define.
TEST(Company, SymbolsOfDroppedNotesAreTheKeptCopys) {
  constexpr char kCopy[] =
      ".section .text.g,\"axG\",@progbits,g,comdat\n.weak g\ng: ret\n"
      ".section .data.note,\"awo\",@progbits,.text.g\n.globl note\nnote: .quad 1\n";
  const LinkedSet set = must(new_session()->link(
      set_of({{"a.o", assembled(kCopy)},
              {"b.o", assembled(std::string(kCopy).append(".data\n.globl at\nat: .quad note\n"))}})));
  EXPECT_EQ(must(set.address("note")), TargetAddr{*reinterpret_cast<std::uint64_t*>(value(must(set.address("at"))))});
}

}  // namespace
}  // namespace enfold::test
