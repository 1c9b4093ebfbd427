// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Between choosing addresses and reserving them, others of the process may come to lie there: another session of its
// own memory, or any mmap(). The link is made elsewhere then.
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>
#include <sys/mman.h>

#include "support.h"

namespace enfold::test {
namespace {

// Takes the whole located range before the first block is reserved in it.
class Overtaken final : public MemoryProvider {
 public:
  explicit Overtaken(std::shared_ptr<MemoryProvider> inner) : inner_(std::move(inner)) {}
  ~Overtaken() override {
    if (taken_ != nullptr) ::munmap(taken_, size_);
  }

  Expected<AddressRange> locate(const Constraint& constraint, std::uint64_t span) override {
    return inner_->locate(constraint, span);
  }
  Expected<Block> reserve(const Constraint& constraint, AddressRange within,
                          std::span<const SegmentRequest> segments) override {
    if (taken_ == nullptr) take(within);
    return inner_->reserve(constraint, within, segments);
  }
  Expected<void> seal(Block& block, SealStage stage) override { return inner_->seal(block, stage); }
  void release(Block& block) noexcept override { inner_->release(block); }

  bool has_taken(TargetAddr address) const {
    const auto lo = reinterpret_cast<std::uint64_t>(taken_);
    return lo <= value(address) && value(address) < lo + size_;
  }

 private:
  void take(AddressRange range) {
    size_ = range.hi - range.lo;
    taken_ = ::mmap(reinterpret_cast<void*>(range.lo), size_, PROT_NONE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    ASSERT_EQ(reinterpret_cast<std::uint64_t>(taken_), range.lo);
  }

  const std::shared_ptr<MemoryProvider> inner_;
  void* taken_ = nullptr;
  std::uint64_t size_ = 0;
};

class OvertakenLink : public testing::TestWithParam<MemoryKind> {
 protected:
  void expect_link(const char* flags) {
    const auto memory = std::make_shared<Overtaken>(must(make_memory(GetParam())));
    SessionOptions options;
    options.memory = memory;
    const auto session = must(Session::create(std::move(options)));
    const LinkedSet set =
        must(session->link(private_set(c_object("int n = 5, *at = &n; int f(void) { return *at; }", flags))));
    EXPECT_EQ(call<int()>(set, "f"), 5);
    EXPECT_FALSE(memory->has_taken(must(set.address("f"))));
  }
};

INSTANTIATE_TEST_SUITE_P(Kinds, OvertakenLink,
                         testing::Values(MemoryKind::kAliased, MemoryKind::kForced, MemoryKind::kStrict),
                         [](const auto& input) { return std::string(name(input.param)); });

TEST_P(OvertakenLink, NearLibrariesIsMadeElsewhere) { expect_link("-fPIC"); }
TEST_P(OvertakenLink, OfLowAddressesIsMadeElsewhere) { expect_link("-fno-pic"); }

}  // namespace
}  // namespace enfold::test
