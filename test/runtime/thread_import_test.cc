// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Thread-local variables of the process.
#include <cerrno>

#include <dlfcn.h>

#include <gtest/gtest.h>

#include "thread_support.h"

extern "C" {
[[gnu::visibility("default")]] thread_local long enfold_test_of_executable = 31;
}

namespace enfold {
namespace {

using test::at;
using test::in_new_thread;
using test::static_address;

class ThreadImportTest : public testing::Test {
 protected:
  ~ThreadImportTest() override {
    if (library_ != nullptr) runtime_->close_library(library_);
  }
  void* open() {
    const auto library = runtime_->open_library(ENFOLD_THREAD_LIBRARY, false);
    EXPECT_TRUE(library) << library.error().text();
    return library_ = library ? *library : nullptr;
  }

  std::shared_ptr<RuntimeHooks> runtime_ = make_process_runtime();
  void* library_ = nullptr;
};

TEST_F(ThreadImportTest, AVariableOfTheExecutableIsFoundByModuleAndOffset) {
  const auto found = runtime_->find(nullptr, "enfold_test_of_executable");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->kind, HostSymbolKind::kThreadLocal);
  EXPECT_EQ(found->module, 1u);
  EXPECT_EQ(found->size, sizeof(long));
  const auto address = [&] { return runtime_->thread_address(found->module, value(found->address)); };
  EXPECT_EQ(&at<long>(address()), &enfold_test_of_executable);
  in_new_thread([&] { EXPECT_EQ(&at<long>(address()), &enfold_test_of_executable); });
}

TEST_F(ThreadImportTest, AVariableOfTheExecutableIsImported) {
  const auto imported = runtime_->import_thread_local(nullptr, "enfold_test_of_executable");
  ASSERT_TRUE(imported) << imported.error().text();
  EXPECT_EQ(&at<long>(static_address(imported->tp_offset)), &enfold_test_of_executable);
  in_new_thread([&] { EXPECT_EQ(&at<long>(static_address(imported->tp_offset)), &enfold_test_of_executable); });
  runtime_->close_library(imported->library);
}

TEST_F(ThreadImportTest, ErrnoIsFoundAndImportedByItsVersionToo) {
  void* libc = runtime_->find_loaded_library("libc.so.6");
  for (const char* name : {"errno", "errno@GLIBC_PRIVATE", "errno@@GLIBC_PRIVATE"}) {
    for (void* library : {static_cast<void*>(nullptr), libc}) {
      const auto found = runtime_->find(library, name);
      ASSERT_TRUE(found) << name;
      EXPECT_EQ(found->kind, HostSymbolKind::kThreadLocal);
      EXPECT_EQ(&at<int>(runtime_->thread_address(found->module, value(found->address))), &errno);
      const auto imported = runtime_->import_thread_local(library, name);
      ASSERT_TRUE(imported) << imported.error().text();
      EXPECT_EQ(&at<int>(static_address(imported->tp_offset)), &errno);
      runtime_->close_library(imported->library);
    }
  }
  EXPECT_FALSE(runtime_->find(libc, "errno@GLIBC_1.0"));
  EXPECT_FALSE(runtime_->import_thread_local(libc, "errno@GLIBC_1.0"));
  runtime_->close_library(libc);
}

TEST_F(ThreadImportTest, ALibrarysVariableIsFoundByHandle) {
  void* library = open();
  const auto found = runtime_->find(library, "enfold_test_variable");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->kind, HostSymbolKind::kThreadLocal);
  EXPECT_EQ(at<long>(runtime_->thread_address(found->module, value(found->address))), 20);
  EXPECT_EQ(found->size, sizeof(long));
  EXPECT_FALSE(runtime_->find(nullptr, "enfold_test_variable"));
  EXPECT_FALSE(runtime_->find(library, "enfold_test_none"));
}

TEST_F(ThreadImportTest, ALibrarysVariableIsImportedAfterItWasFound) {
  void* library = open();
  ASSERT_TRUE(runtime_->find(library, "enfold_test_variable"));
  const auto imported = runtime_->import_thread_local(library, "enfold_test_variable");
  ASSERT_TRUE(imported) << imported.error().text();
  EXPECT_EQ(static_address(imported->tp_offset),
            TargetAddr{reinterpret_cast<std::uint64_t>(dlsym(library, "enfold_test_variable"))});
  in_new_thread([&] { EXPECT_EQ(at<long>(static_address(imported->tp_offset)), 20); });
  // The import holds the library.
  runtime_->close_library(std::exchange(library_, nullptr));
  EXPECT_EQ(at<long>(static_address(imported->tp_offset)), 20);
  runtime_->close_library(imported->library);
  EXPECT_EQ(runtime_->find_loaded_library(ENFOLD_THREAD_LIBRARY), nullptr);
}

TEST_F(ThreadImportTest, WhatHasDynamicBlocksAlreadyIsAnError) {
  void* library = open();
  ASSERT_NE(dlsym(library, "enfold_test_variable"), nullptr);  // makes this thread's block
  const auto imported = runtime_->import_thread_local(library, "enfold_test_variable");
  ASSERT_FALSE(imported);
  EXPECT_EQ(imported.error().code(), ErrorCode::kRuntime);
  EXPECT_FALSE(imported.error().cure().empty());
  EXPECT_TRUE(runtime_->find(library, "enfold_test_variable"));
}

TEST_F(ThreadImportTest, WhatIsNotThereIsAnError) {
  const std::size_t files = test::count_open_files();
  EXPECT_FALSE(runtime_->import_thread_local(nullptr, "enfold_test_none"));
  EXPECT_FALSE(runtime_->import_thread_local(nullptr, "qsort"));
  EXPECT_EQ(test::count_open_files(), files);
  EXPECT_EQ(test::count_carrier_maps(), 0u);
}

TEST_F(ThreadImportTest, LinkedCodeGetsTheLibrarysOwnFunctions) {
  const auto get_address = runtime_->find(nullptr, "__tls_get_addr");
  ASSERT_TRUE(get_address);
  EXPECT_EQ(get_address->address, runtime_->thread_functions().get_address);
  const auto at_exit = runtime_->find(nullptr, "__cxa_thread_atexit");
  const auto implementation = runtime_->find(nullptr, "__cxa_thread_atexit_impl");
  ASSERT_TRUE(at_exit && implementation);
  EXPECT_EQ(at_exit->address, implementation->address);
  void* libm = runtime_->find_loaded_library("libm.so.6");
  ASSERT_NE(libm, nullptr);
  EXPECT_FALSE(runtime_->find(libm, "__cxa_thread_atexit"));  // it has none
  runtime_->close_library(libm);
}

}  // namespace
}  // namespace enfold
