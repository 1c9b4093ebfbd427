// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <dlfcn.h>
#include <link.h>
#include <sys/mman.h>

#include <enfold/runtime.h>
#include <gtest/gtest.h>

#include "runtime/find_fde.h"
#include "runtime/host_object.h"

namespace enfold {
namespace {

template <class Pointer>
TargetAddr address_of(Pointer* pointer) {
  return TargetAddr{reinterpret_cast<std::uint64_t>(pointer)};
}

class ProcessRuntimeTest : public testing::Test {
 protected:
  std::shared_ptr<RuntimeHooks> runtime_ = make_process_runtime();
  // The C library's own scope: the executable's copies of its data (gcc's default -fPIE makes them) are out of sight.
  void* libc_ = runtime_->find_loaded_library("libc.so.6");
  ~ProcessRuntimeTest() override { runtime_->close_library(libc_); }
};

TEST_F(ProcessRuntimeTest, FindsAFunction) {
  const auto found = runtime_->find(libc_, "qsort");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->address, address_of(dlsym(libc_, "qsort")));
  EXPECT_EQ(found->kind, HostSymbolKind::kFunction);
}

TEST_F(ProcessRuntimeTest, FindsInTheGlobalScope) {
  const auto found = runtime_->find(nullptr, "malloc");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->address, address_of(dlsym(RTLD_DEFAULT, "malloc")));
  EXPECT_EQ(found->kind, HostSymbolKind::kFunction);
}

// What was found before is known for good, or as long as no object comes or goes.
TEST_F(ProcessRuntimeTest, FindsWhatTheLoaderFindsWhateverIsLoaded) {
  const auto expect_what_is_there = [&](const char* symbol) {
    for (int again = 0; again < 2; ++again) {
      const auto found = runtime_->find(nullptr, symbol);
      EXPECT_EQ(found ? found->address : TargetAddr{}, address_of(dlsym(RTLD_DEFAULT, symbol))) << symbol;
    }
  };
  ASSERT_FALSE(runtime_->find(nullptr, "enfold_test_plain"));
  for (int round = 0; round < 2; ++round) {
    const Expected<void*> library = runtime_->open_library(ENFOLD_PLAIN_LIBRARY, true);
    ASSERT_TRUE(library);
    for (const char* symbol : {"enfold_test_plain", "malloc"}) expect_what_is_there(symbol);
    runtime_->close_library(*library);
    for (const char* symbol : {"enfold_test_plain", "malloc"}) expect_what_is_there(symbol);
  }
}

TEST_F(ProcessRuntimeTest, GivesFunctionsInPlaceOfTheProcesss) {
  const auto runtime = make_process_runtime({{.name = "getenv", .address = TargetAddr{0x1000}}});
  EXPECT_EQ(runtime->find(nullptr, "getenv")->address, TargetAddr{0x1000});
  EXPECT_EQ(runtime->find(nullptr, "setenv")->address, address_of(dlsym(RTLD_DEFAULT, "setenv")));
}

TEST_F(ProcessRuntimeTest, KnowsWhatTheProcessBeganWith) {
  const auto is_initial = [](const void* address) {
    const auto object = runtime::find_host_object(reinterpret_cast<std::uint64_t>(address));
    return object && object->initial;
  };
  EXPECT_TRUE(is_initial(dlsym(libc_, "qsort")));
  EXPECT_TRUE(is_initial(dlsym(RTLD_DEFAULT, "_ZSt9terminatev")));
  EXPECT_TRUE(is_initial(dlsym(RTLD_DEFAULT, "environ")));  // the executable's copy
  const Expected<void*> library = runtime_->open_library(ENFOLD_PLAIN_LIBRARY, false);
  ASSERT_TRUE(library);
  EXPECT_FALSE(is_initial(dlsym(*library, "enfold_test_plain")));
  runtime_->close_library(*library);
}

TEST_F(ProcessRuntimeTest, FindsADataObjectAndItsSize) {
  const auto found = runtime_->find(libc_, "stderr");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->kind, HostSymbolKind::kData);
  EXPECT_EQ(found->size, sizeof(FILE*));
  FILE* pointee = nullptr;
  std::memcpy(&pointee, reinterpret_cast<void*>(value(found->address)), sizeof pointee);
  EXPECT_EQ(pointee, stderr);
}

TEST_F(ProcessRuntimeTest, FindsWeakData) {
  const auto found = runtime_->find(libc_, "environ");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->kind, HostSymbolKind::kData);
  EXPECT_EQ(found->size, sizeof(char**));
}

TEST_F(ProcessRuntimeTest, AnAliasHasItsOwnEntry) {
  const auto found = runtime_->find(libc_, "_IO_puts");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->kind, HostSymbolKind::kFunction);
  EXPECT_NE(found->size, 0u);
}

TEST_F(ProcessRuntimeTest, AnIndirectFunctionIsAFunctionOfUnknownSize) {
  const auto found = runtime_->find(libc_, "strlen");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->address, address_of(dlsym(libc_, "strlen")));
  EXPECT_EQ(found->kind, HostSymbolKind::kFunction);
  EXPECT_EQ(found->size, 0u);
}

TEST_F(ProcessRuntimeTest, FindsAFunctionOfAnotherLibrary) {
  const auto found = runtime_->find(nullptr, "_ZSt9terminatev");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->kind, HostSymbolKind::kFunction);
}

TEST_F(ProcessRuntimeTest, FindsNothingUnderAnUnknownName) {
  EXPECT_FALSE(runtime_->find(nullptr, "enfold_no_such_symbol"));
  EXPECT_FALSE(runtime_->find(libc_, "enfold_no_such_symbol"));
}

TEST_F(ProcessRuntimeTest, AnEarlierFailureDoesNotMakeALaterOneSucceed) {
  dlsym(RTLD_DEFAULT, "enfold_no_such_symbol");
  EXPECT_TRUE(runtime_->find(libc_, "qsort"));
  EXPECT_FALSE(runtime_->find(libc_, "enfold_no_such_symbol"));
}

#if defined(__x86_64__) && defined(__GLIBC__)
TEST_F(ProcessRuntimeTest, VersionsOfANameDiffer) {
  const auto old_one = runtime_->find(libc_, "memcpy@GLIBC_2.2.5");
  const auto new_one = runtime_->find(libc_, "memcpy@@GLIBC_2.14");
  ASSERT_TRUE(old_one && new_one);
  EXPECT_NE(old_one->address, new_one->address);
  EXPECT_EQ(new_one->address, address_of(dlsym(libc_, "memcpy")));
}

// What dladdr1 knows of the symbol at exactly `address`.
std::uint64_t size_at(TargetAddr address) {
  Dl_info info{};
  const ElfW(Sym)* symbol = nullptr;
  void* pointer = reinterpret_cast<void*>(value(address));
  if (dladdr1(pointer, &info, reinterpret_cast<void**>(const_cast<ElfW(Sym)**>(&symbol)), RTLD_DL_SYMENT) == 0)
    return 0;
  return info.dli_saddr == pointer && symbol != nullptr ? symbol->st_size : 0;
}

TEST_F(ProcessRuntimeTest, EachVersionHasItsOwnSize) {
  const auto old_one = runtime_->find(libc_, "pthread_cond_init@GLIBC_2.2.5");
  const auto new_one = runtime_->find(libc_, "pthread_cond_init@GLIBC_2.3.2");
  ASSERT_TRUE(old_one && new_one);
  EXPECT_EQ(old_one->size, size_at(old_one->address));
  EXPECT_EQ(new_one->size, size_at(new_one->address));
  EXPECT_NE(old_one->size, new_one->size);
}

TEST_F(ProcessRuntimeTest, FindsNothingUnderAnUnknownVersion) {
  EXPECT_FALSE(runtime_->find(libc_, "memcpy@GLIBC_1.0"));
}
#endif

TEST_F(ProcessRuntimeTest, ALibraryThatIsNotThereIsAnErrorThatNamesIt) {
  const auto library = runtime_->open_library("libenfold-none.so", false);
  ASSERT_FALSE(library);
  EXPECT_EQ(library.error().code(), ErrorCode::kRuntime);
  EXPECT_NE(library.error().message().find("libenfold-none.so"), std::string::npos);
}

TEST_F(ProcessRuntimeTest, OpensALibraryThatIsThere) {
  const auto library = runtime_->open_library("libm.so.6", false);
  ASSERT_TRUE(library) << library.error().text();
  EXPECT_TRUE(runtime_->find(*library, "cbrt"));
  runtime_->close_library(*library);
}

TEST_F(ProcessRuntimeTest, OnlyALoadedLibraryIsFoundLoaded) {
  EXPECT_NE(libc_, nullptr);
  EXPECT_EQ(runtime_->find_loaded_library("libenfold-none.so"), nullptr);
}

TEST_F(ProcessRuntimeTest, CallsAnIndirectFunctionsResolver) {
  void* (*resolver)() = [] { return reinterpret_cast<void*>(0x1234); };
  EXPECT_EQ(runtime_->resolve_indirect(address_of(resolver)), TargetAddr{0x1234});
}

TEST_F(ProcessRuntimeTest, InitialisersGetTheProgramsArguments) {
  static int seen_count = 0;
  static char** seen_environment = nullptr;
  InitFunction initialiser = [](int argc, char**, char** envp) {
    seen_count = argc;
    seen_environment = envp;
  };
  char* environment[] = {nullptr};
  runtime_->call_initializer(address_of(initialiser), 3, nullptr, environment);
  EXPECT_EQ(seen_count, 3);
  EXPECT_EQ(seen_environment, environment);
}

std::string& exits() {
  static std::string order;
  return order;
}

void note_exit(void* mark) { exits() += static_cast<const char*>(mark); }

TEST_F(ProcessRuntimeTest, ExitHandlersRunLastFirstWhenTheirHandleIsFinalised) {
  char handle = 0, other = 0, a[] = "a", b[] = "b", c[] = "c";
  exits().clear();
  ASSERT_TRUE(runtime_->at_exit(note_exit, a, address_of(&handle)));
  ASSERT_TRUE(runtime_->at_exit(note_exit, c, address_of(&other)));
  ASSERT_TRUE(runtime_->at_exit(note_exit, b, address_of(&handle)));
  runtime_->finalize(address_of(&handle));
  EXPECT_EQ(exits(), "ba");
  runtime_->finalize(address_of(&other));
  EXPECT_EQ(exits(), "bac");
}

TEST_F(ProcessRuntimeTest, ExitHandlersRunOnce) {
  char handle = 0, a[] = "a";
  exits().clear();
  ASSERT_TRUE(runtime_->at_exit(note_exit, a, address_of(&handle)));
  runtime_->finalize(address_of(&handle));
  runtime_->finalize(address_of(&handle));
  EXPECT_EQ(exits(), "a");
}

TEST_F(ProcessRuntimeTest, FinalisingNullRunsNobodysHandlers) {
  char handle = 0, a[] = "a";
  exits().clear();
  ASSERT_TRUE(runtime_->at_exit(note_exit, a, address_of(&handle)));
  runtime_->finalize(TargetAddr{0});
  EXPECT_EQ(exits(), "");
  runtime_->finalize(address_of(&handle));
  EXPECT_FALSE(runtime_->at_exit(note_exit, a, TargetAddr{0}));
}

TEST_F(ProcessRuntimeTest, FinalisersAreCalled) {
  static int calls = 0;
  void (*finaliser)() = [] { ++calls; };
  runtime_->call_finalizer(address_of(finaliser));
  EXPECT_EQ(calls, 1);
}

#if defined(__x86_64__)
// A function that calls its argument, and the table that lets an exception through it, on pages of their own.
class Frames : public ProcessRuntimeTest {
 protected:
  static constexpr std::size_t kPage = 4096;
  static constexpr unsigned char kCode[] = {
      0x48, 0x83, 0xec, 0x08,  // sub rsp, 8
      0xff, 0xd7,              // call rdi
      0x48, 0x83, 0xc4, 0x08,  // add rsp, 8
      0xc3,                    // ret
  };

  Frames() {
    void* got = mmap(nullptr, 2 * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    pages_ = static_cast<unsigned char*>(got);
    std::memcpy(pages_, kCode, sizeof kCode);
    write_table();
    mprotect(pages_, kPage, PROT_READ | PROT_EXEC);
  }
  ~Frames() override { munmap(pages_, 2 * kPage); }

  // LSB 5.0, "Exception Frames": a CIE, an FDE, an end.
  void write_table() {
    const auto u32 = [&](std::uint32_t v) { append(&v, sizeof v); };
    const auto bytes = [&](std::vector<unsigned char> v) { append(v.data(), v.size()); };
    u32(20);                                  // length of the CIE
    u32(0);                                   // which it is
    bytes({1, 'z', 'R', 0, 1, 0x78, 16, 1});  // version, augmentation, code and data factor, return column, size
    bytes({0x1b});                            // addresses are relative to themselves, 4 bytes, signed
    bytes({0x0c, 7, 8, 0x90, 1, 0, 0});       // CFA = rsp + 8; return address at CFA - 8; padding
    u32(20);                                  // length of the FDE
    u32(28);                                  // distance to the CIE
    u32(static_cast<std::uint32_t>(pages_ - (pages_ + kPage + size_)));  // the function
    u32(sizeof kCode);
    bytes({0, 0x44, 0x0e, 16, 0x46, 0x0e, 8, 0});  // after 4 bytes CFA = rsp + 16, after 6 more rsp + 8; padding
    u32(0);
  }

  void append(const void* bytes, std::size_t size) {
    std::memcpy(pages_ + kPage + size_, bytes, size);
    size_ += size;
  }

  // Without a search table: registered with the unwinder.
  virtual FrameTables frames() const {
    return {.eh_frame = address_of(pages_ + kPage),
            .eh_frame_size = size_,
            .code = address_of(pages_),
            .code_size = sizeof kCode};
  }
  bool covered() const {
    dwarf_eh_bases bases{};
    return _Unwind_Find_FDE(pages_ + 6, &bases) != nullptr;
  }

  unsigned char* pages_ = nullptr;
  std::size_t size_ = 0;
};

#if defined(__clang__)
[[clang::no_sanitize("function")]]
#endif
void throw_through(void (*function)(void (*)())) {
  function([] { throw std::runtime_error("through"); });
}

TEST_F(Frames, AnExceptionPassesThroughARegisteredFunction) {
  ASSERT_TRUE(runtime_->register_frames(frames()));
  EXPECT_THROW(throw_through(reinterpret_cast<void (*)(void (*)())>(pages_)), std::runtime_error);
  runtime_->deregister_frames(frames());
}

TEST_F(Frames, AreKnownWhileRegistered) {
  EXPECT_FALSE(covered());
  ASSERT_TRUE(runtime_->register_frames(frames()));
  EXPECT_TRUE(covered());
  runtime_->deregister_frames(frames());
  EXPECT_FALSE(covered());
}

TEST_F(Frames, CanBeRegisteredAgain) {
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(runtime_->register_frames(frames()));
    EXPECT_TRUE(covered());
    runtime_->deregister_frames(frames());
  }
  EXPECT_FALSE(covered());
}

// With a search table: what the unwinder asks for, where it does.
class SearchedFrames : public Frames {
 protected:
  SearchedFrames() {
    const auto header = static_cast<std::uint32_t>(kPage + kHeader);
    const std::uint32_t words[] = {
        0x3b'03'1b'01,                                      // version; encodings: of the address, the count, the rows
        static_cast<std::uint32_t>(kPage) - (header + 4),   // the .eh_frame
        1,                                                  // one row
        0u - header,                                        // the function
        static_cast<std::uint32_t>(kPage) + 24u - header};  // its FDE
    std::memcpy(pages_ + kPage + kHeader, words, sizeof words);
  }
  FrameTables frames() const override {
    FrameTables tables = Frames::frames();
    tables.search_table = address_of(pages_ + kPage + kHeader);
    return tables;
  }
  static constexpr std::size_t kHeader = 128;
};

TEST_F(SearchedFrames, AnExceptionPassesThroughARegisteredFunction) {
  ASSERT_TRUE(runtime_->register_frames(frames()));
  EXPECT_THROW(throw_through(reinterpret_cast<void (*)(void (*)())>(pages_)), std::runtime_error);
  runtime_->deregister_frames(frames());
}

TEST_F(SearchedFrames, AreKnownWhileRegistered) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(covered());
    ASSERT_TRUE(runtime_->register_frames(frames()));
    EXPECT_TRUE(covered());
    runtime_->deregister_frames(frames());
  }
  EXPECT_FALSE(covered());
}

TEST_F(SearchedFrames, OtherQuestionsGoToTheCLibrary) {
  ASSERT_TRUE(runtime_->register_frames(frames()));
  dwarf_eh_bases bases{};
  EXPECT_NE(_Unwind_Find_FDE(reinterpret_cast<char*>(&throw_through) + 1, &bases), nullptr);
  EXPECT_EQ(_Unwind_Find_FDE(pages_ + sizeof kCode, &bases), nullptr);
  runtime_->deregister_frames(frames());
}

TEST_F(Frames, AnEmptyTableIsNoTrouble) {
  const std::uint32_t end = 0, something_else = 20;
  const FrameTables at_once_ended{.eh_frame = address_of(&end), .eh_frame_size = sizeof end};
  const FrameTables of_no_bytes{.eh_frame = address_of(&something_else)};
  ASSERT_TRUE(runtime_->register_frames(at_once_ended));
  runtime_->deregister_frames(at_once_ended);
  ASSERT_TRUE(runtime_->register_frames(of_no_bytes));
  runtime_->deregister_frames(of_no_bytes);
}
#endif

TEST(HostObject, AStackAddressIsInNone) {
  const int local = 0;
  EXPECT_FALSE(runtime::find_host_object(value(address_of(&local))));
}

TEST(HostObject, ThisThreadsThreadLocalsAreMarked) {
  thread_local int mine = 1;
  const auto object = runtime::find_host_object(value(address_of(&mine)));
  ASSERT_TRUE(object);
  EXPECT_TRUE(object->thread_local_block);
}

}  // namespace
}  // namespace enfold
