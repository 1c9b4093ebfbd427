// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sets that replace some forms of operator new and delete, in a process whose C++ library goes on with its own.
#include <cstddef>
#include <new>

#include <gtest/gtest.h>

#include "support.h"

namespace enfold::test {
namespace {

constexpr const char* kReplaced = R"(
#include <cstddef>
#include <cstdlib>
extern "C" { int taken, given; }
void* operator new(std::size_t size) { ++taken; return std::malloc(size); }
void operator delete(void* p) noexcept { ++given; std::free(p); })";

constexpr const char* kUser = R"(
#include <cstddef>
#include <new>
extern "C" {
extern int taken, given;
int single() { ::operator delete(::operator new(8)); return taken * 10 + given; }
int sized() { ::operator delete(::operator new(8), std::size_t{8}); return taken * 10 + given; }
int array() { ::operator delete[](::operator new[](8), std::size_t{8}); return taken * 10 + given; }
int nothrow() { ::operator delete(::operator new(8, std::nothrow), std::nothrow); return taken * 10 + given; }
int aligned() {
  constexpr std::align_val_t kAlign{64};
  ::operator delete(::operator new(8, kAlign), 8, kAlign);
  return taken * 10 + given;
}
})";

class Operators : public testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Form, Operators, testing::Values("single", "sized", "array", "nothrow"),
                         [](const auto& form) { return std::string(form.param); });

TEST_P(Operators, LeftOutCallsWhatThePrivateSetReplaced) {
  const auto session = new_session();
  ObjectSet set = set_of({{"replaced.o", cxx_object(kReplaced)}, {"user.o", cxx_object(kUser, "-O1 -w")}});
  set.options().visibility = Visibility::kPrivate;
  const LinkedSet linked = must(session->link(std::move(set)));
  EXPECT_EQ(call<int()>(linked, GetParam()), 11);
}

TEST_P(Operators, LeftOutCallsWhatAnEarlierSetReplaced) {
  const auto session = new_session();
  const LinkedSet earlier = must(session->link(set_of(cxx_object(kReplaced), "replaced")));
  const LinkedSet linked = must(session->link(private_set(cxx_object(kUser, "-O1 -w"))));
  EXPECT_EQ(call<int()>(linked, GetParam()), 11);
}

TEST(Operators, OfAnEarlierSetAreUsedAsTheyAre) {
  const auto session = new_session();
  const LinkedSet earlier = must(session->link(set_of(cxx_object(std::string(kReplaced) + R"(
      void* operator new[](std::size_t size) { taken += 5; return std::malloc(size); })"), "replaced")));
  const LinkedSet linked = must(session->link(private_set(cxx_object(kUser, "-O1 -w"))));
  EXPECT_EQ(call<int()>(linked, "array"), 51);
}

TEST(Operators, ForAlignedTypesStayTheProcesss) {
  const auto session = new_session();
  ObjectSet set = set_of({{"replaced.o", cxx_object(kReplaced)}, {"user.o", cxx_object(kUser, "-O1 -w")}});
  const LinkedSet linked = must(session->link(std::move(set)));
  EXPECT_EQ(call<int()>(linked, "aligned"), 0);
}

TEST(Operators, OfASetThatReplacesNoneAreTheProcesss) {
  const auto session = new_session();
  const LinkedSet linked = must(session->link(private_set(cxx_object(R"(
      #include <new>
      extern "C" void* made() { return ::operator new[](8, std::nothrow); })"))));
  ::operator delete[](call<void*()>(linked, "made"));
  EXPECT_EQ(linked.plan().object_count, 1u);
}

TEST(Operators, ThatThrowMakeTheNothrowFormsReturnNull) {
  const auto session = new_session();
  const LinkedSet linked = must(session->link(private_set(cxx_object(R"(
      #include <new>
      void* operator new(std::size_t) { throw 7; }
      extern "C" bool is_null() { return ::operator new[](8, std::nothrow) == nullptr; })", "-O1 -w"))));
  EXPECT_TRUE(call<bool()>(linked, "is_null"));
}

}  // namespace
}  // namespace enfold::test
