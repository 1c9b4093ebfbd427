// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The entry points of TLS descriptors keep all registers but rax.
#if defined(__x86_64__)
#include <algorithm>
#include <array>
#include <random>

#include <gtest/gtest.h>

#include "thread_support.h"

extern "C" {
struct Registers {
  std::array<std::uint64_t, 12> general;  // rbx, rcx, rdx, rsi, r8-r15
  double x87;                             // what the top of its stack, 1, came to
  std::uint64_t rbp, rax, unused;
  std::array<std::array<std::uint64_t, 8>, 32> vectors;
  std::array<std::uint64_t, 8> masks;
};
struct Descriptor {
  void* entry;
  std::uint64_t argument;
};
void enfold_test_call_descriptor(const Descriptor* descriptor, Registers* registers, long vector_kind);
void* enfold_test_call_misaligned(void* (*function)(void*), void* argument);

// As the entry reads them.
extern std::uint32_t enfold_vector_save_kind, enfold_vector_save_size;
}

namespace enfold {
namespace {

using test::Image;

thread_local std::uint64_t of_the_process = 77;

long widest_vectors() {
  if (__builtin_cpu_supports("avx512bw")) return 2;
  return __builtin_cpu_supports("avx") ? 1 : 0;
}

std::size_t vector_count(long kind) { return kind == 2 ? 32 : 16; }
std::size_t vector_words(long kind) { return kind == 2 ? 8 : kind == 1 ? 4 : 2; }

class DescriptorTest : public testing::Test {
 protected:
  // Calls the entry with random contents of registers and compares them. What it returned, added to the thread pointer.
  std::uint64_t call(TargetAddr entry, std::uint64_t argument, long kind) {
    const Descriptor descriptor{reinterpret_cast<void*>(value(entry)), argument};
    Registers before{};
    for (std::uint64_t& word : before.general) word = random_();
    for (auto& vector : before.vectors) std::ranges::generate(vector, std::ref(random_));
    for (std::uint64_t& word : before.masks) word = random_();
    Registers after = before;
    enfold_test_call_descriptor(&descriptor, &after, kind);
    EXPECT_EQ(after.general, before.general);
    EXPECT_EQ(after.x87, 1.0);
    EXPECT_EQ(after.rbp, 0x5555u);
    for (std::size_t i = 0; i < vector_count(kind); ++i) {
      for (std::size_t k = 0; k < vector_words(kind); ++k) EXPECT_EQ(after.vectors[i][k], before.vectors[i][k]) << i;
    }
    EXPECT_EQ(after.masks, before.masks);
    return after.rax + runtime::thread_pointer();
  }

  std::shared_ptr<RuntimeHooks> runtime_ = make_process_runtime();
  const ThreadFunctions functions_ = runtime_->thread_functions();
  std::mt19937_64 random_{1};
};

TEST_F(DescriptorTest, AStaticOneIsItsArgument) {
  const std::int64_t distance = -0x1234;
  EXPECT_EQ(call(functions_.static_descriptor, static_cast<std::uint64_t>(distance), widest_vectors()),
            runtime::thread_pointer() - 0x1234);
}

TEST_F(DescriptorTest, ADynamicOneKeepsRegistersOnBothPaths) {
  const auto module = runtime_->add_thread_module(Image{5}.of(64, 6), false);
  ASSERT_TRUE(module);
  for (long kind = 0; kind <= widest_vectors(); ++kind) {
    std::thread([&] {
      for (const std::int64_t offset : {24, 0, -8}) {  // the first call makes the block
        const std::uint64_t got = call(functions_.dynamic_descriptor, pack_thread_argument(module->id, offset), kind);
        EXPECT_EQ(TargetAddr{got}, runtime_->thread_address(module->id, static_cast<std::uint64_t>(offset)));
      }
    }).join();
  }
  runtime_->remove_thread_module(*module);
}

TEST_F(DescriptorTest, ADynamicOneServesModulesOfTheProcess) {
  const auto start = value(runtime_->thread_address(1, 0));
  const auto offset = static_cast<std::int64_t>(reinterpret_cast<std::uint64_t>(&of_the_process) - start);
  const std::uint64_t got = call(functions_.dynamic_descriptor, pack_thread_argument(1, offset), widest_vectors());
  EXPECT_EQ(got, reinterpret_cast<std::uint64_t>(&of_the_process));
}

// Processors without XSAVEC, or valgrind; and those without XSAVE.
TEST_F(DescriptorTest, EachWayToSaveVectorsServes) {
  const std::uint32_t best = enfold_vector_save_kind, size = enfold_vector_save_size;
  for (std::uint32_t way = 0; way <= best; ++way) {
    enfold_vector_save_kind = way;
    const auto module = runtime_->add_thread_module(Image{5}.of(64, 6), false);
    ASSERT_TRUE(module);
    std::thread([&] {
      call(functions_.dynamic_descriptor, pack_thread_argument(module->id, 0), way == 0 ? 0 : widest_vectors());
    }).join();
    runtime_->remove_thread_module(*module);
  }
  enfold_vector_save_kind = best;
  EXPECT_EQ(enfold_vector_save_size, size);
}

TEST_F(DescriptorTest, AddressesAreFoundWithAMisalignedStack) {
  auto* get = reinterpret_cast<void* (*)(void*)>(value(functions_.get_address));
  const auto module = runtime_->add_thread_module(Image{5}.of(std::uint64_t{2} << 20, 6), false);
  ASSERT_TRUE(module);
  std::thread([&] {
    std::array<std::uint64_t, 2> index{module->id, 0};
    for (int i = 0; i < 2; ++i) EXPECT_EQ(*static_cast<std::uint64_t*>(enfold_test_call_misaligned(get, &index)), 5u);
    index[0] = 1;
    EXPECT_NE(enfold_test_call_misaligned(get, &index), nullptr);
  }).join();
  runtime_->remove_thread_module(*module);
}

}  // namespace
}  // namespace enfold
#endif
