// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The process refuses something: the n-th call of each function fails, and nothing stays behind. Linked with --wrap, so
// that the library's calls come here. In a process with the small pool.
#include <cerrno>
#include <cstdlib>
#include <new>

#include <dlfcn.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "runtime/thread_blocks.h"
#include "runtime/thread_pool.h"
#include "thread_support.h"

namespace {
bool only_in_memory = true;  // files are made nowhere else
thread_local int calls_until_failure = -1;  // counted down; at 0 the call fails

bool fails() { return calls_until_failure >= 0 && calls_until_failure-- == 0; }
}  // namespace

extern "C" {
int __real_memfd_create(const char* name, unsigned flags);
int __wrap_memfd_create(const char* name, unsigned flags) {
  if (!fails()) return __real_memfd_create(name, flags);
  errno = EMFILE;
  return -1;
}
int __real_mkostemp(char* path, int flags);
int __wrap_mkostemp(char* path, int flags) {
  if (!only_in_memory) return __real_mkostemp(path, flags);
  errno = EACCES;
  return -1;
}
ssize_t __real_write(int file, const void* bytes, std::size_t size);
ssize_t __wrap_write(int file, const void* bytes, std::size_t size) {
  if (!fails()) return __real_write(file, bytes, size);
  errno = ENOSPC;
  return -1;
}
void* __real_dlopen(const char* path, int flags);
void* __wrap_dlopen(const char* path, int flags) { return fails() ? nullptr : __real_dlopen(path, flags); }
int __real_pthread_key_create(pthread_key_t* key, void (*destructor)(void*));
int __wrap_pthread_key_create(pthread_key_t* key, void (*destructor)(void*)) {
  return fails() ? EAGAIN : __real_pthread_key_create(key, destructor);
}
int __real_pthread_setspecific(pthread_key_t key, const void* data);
int __wrap_pthread_setspecific(pthread_key_t key, const void* data) {
  return fails() ? ENOMEM : __real_pthread_setspecific(key, data);
}
void* __real_aligned_alloc(std::size_t alignment, std::size_t size);
void* __wrap_aligned_alloc(std::size_t alignment, std::size_t size) {
  return fails() ? nullptr : __real_aligned_alloc(alignment, size);
}
void* __real_mmap(void* at, std::size_t size, int protection, int flags, int file, off_t offset);
void* __wrap_mmap(void* at, std::size_t size, int protection, int flags, int file, off_t offset) {
  return fails() ? MAP_FAILED : __real_mmap(at, size, protection, flags, file, offset);
}
}

namespace enfold {
namespace {

using test::at;
using test::Image;
using test::in_new_thread;
using test::static_address;

class ThreadFaultTest : public testing::Test {
 protected:
  struct Resources {
    std::size_t files = test::count_open_files(), maps = test::count_carrier_maps();
    std::uint64_t free = runtime::pool_use().free;
    std::size_t modules = runtime::thread_block_use().module_count, blocks = runtime::thread_block_use().block_count;
    bool operator==(const Resources&) const = default;
  };

  // With each call failing in turn, in a thread that is new to thread-locals, until none is left to fail.
  int fail_each(const ThreadImage& image, bool is_static) {
    int failures = 0;
    bool done = false;
    for (int n = 0; n < 100 && !done; ++n) {
      const Resources before;
      in_new_thread([&] {
        calls_until_failure = n;
        const auto made = runtime_->add_thread_module(image, is_static);
        done = calls_until_failure >= 0;
        calls_until_failure = -1;
        if (!made) {
          ++failures;
          EXPECT_TRUE(made.error().code() == ErrorCode::kMemory || made.error().code() == ErrorCode::kRuntime);
          EXPECT_FALSE(made.error().text().empty());
          return;
        }
        const TargetAddr block = is_static ? static_address(made->tp_offset) : runtime_->thread_address(made->id, 0);
        EXPECT_EQ(at<std::uint64_t>(block), 5u) << n;
        runtime_->remove_thread_module(*made);
      });
      EXPECT_EQ(Resources(), before) << "call " << n;
    }
    EXPECT_TRUE(done);
    return failures;
  }

  // What is found or made once per process is there.
  ThreadFaultTest() { runtime_->remove_thread_module(*runtime_->add_thread_module(Image{5}.of(64, 3), true)); }

  std::shared_ptr<RuntimeHooks> runtime_ = make_process_runtime();
};

// The first test: the pool is not calibrated yet. What fails once does not put it out of use.
TEST(FirstThreadFault, DoesNotLoseThePool) {
  const auto runtime = make_process_runtime();
  for (int n = 0; n < 40; ++n) {
    calls_until_failure = n;
    const auto made = runtime->add_thread_module(Image{5}.of(64, 3), true);
    const bool done = calls_until_failure >= 0;
    calls_until_failure = -1;
    if (made) runtime->remove_thread_module(*made);
    if (done) break;
  }
  EXPECT_NE(runtime::pool_use().size, 0u);
  EXPECT_EQ(runtime::pool_use().free, runtime::pool_use().size);
}

TEST_F(ThreadFaultTest, DynamicBlocks) { EXPECT_GE(fail_each(Image{5}.of(8, 3), false), 1); }

TEST_F(ThreadFaultTest, MappedBlocks) { EXPECT_GE(fail_each(Image{5}.of(std::uint64_t{4} << 20, 3), false), 1); }

// The pool's own failures lead to the C library's storage and are none.
TEST_F(ThreadFaultTest, StaticBlocks) { EXPECT_GE(fail_each(Image{5}.of(64, 3), true), 2); }

TEST_F(ThreadFaultTest, StaticBlocksThatOnlyTheCLibraryHasRoomFor) {
  std::vector<ThreadModule> filling;
  while (runtime::pool_use().largest_free >= 512) {
    filling.push_back(*runtime_->add_thread_module(Image{1}.of(512, 3), true));
  }
  const auto beyond = runtime_->add_thread_module(Image{7}.of(600, 3), true);
  ASSERT_TRUE(beyond) << beyond.error().text();
  in_new_thread([&] { EXPECT_EQ(at<std::uint64_t>(static_address(beyond->tp_offset)), 7u); });
  runtime_->remove_thread_module(*beyond);
  EXPECT_GE(fail_each(Image{5}.of(600, 3), true), 2);
  for (const ThreadModule& module : filling) runtime_->remove_thread_module(module);
}

TEST_F(ThreadFaultTest, WantOfFilesNamesItsCure) {
  calls_until_failure = 0;
  const auto made = runtime_->add_thread_module(Image{5}.of(64, 3), true);
  calls_until_failure = -1;
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().cure().find("ulimit -n"), std::string::npos);
}

TEST_F(ThreadFaultTest, AFileElsewhereServesAsWell) {
  only_in_memory = false;
  for (int n = 0; n < 2; ++n) {  // memfd_create, write
    const Resources before;
    calls_until_failure = n;
    const auto made = runtime_->add_thread_module(Image{5}.of(64, 3), true);
    calls_until_failure = -1;
    ASSERT_TRUE(made) << made.error().text();
    EXPECT_EQ(at<std::uint64_t>(static_address(made->tp_offset)), 5u);
    runtime_->remove_thread_module(*made);
    EXPECT_EQ(Resources(), before);
  }
  only_in_memory = true;
}

TEST_F(ThreadFaultTest, Imports) {
  for (int n = 0; n < 10; ++n) {
    const Resources before;
    calls_until_failure = n;
    const auto imported = runtime_->import_thread_local(nullptr, "errno@GLIBC_PRIVATE");
    const bool done = calls_until_failure >= 0;
    calls_until_failure = -1;
    if (imported) {
      EXPECT_EQ(&at<int>(static_address(imported->tp_offset)), &errno);
      runtime_->close_library(imported->library);
    }
    EXPECT_EQ(Resources(), before) << n;
    if (done) return;
  }
  FAIL() << "there is always another call";
}

// The default pool is 8 KiB.
TEST_F(ThreadFaultTest, TheLibrarysOwnPoolIsSmall) {
  EXPECT_GT(runtime::pool_use().size, 8'000u);
  EXPECT_LE(runtime::pool_use().size, 8'192u);
}

}  // namespace
}  // namespace enfold
