// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Memory that is real and out of reach of the process's libraries: what calls them from there needs stubs.
#ifndef ENFOLD_TEST_UNIT_FAR_MEMORY_H_
#define ENFOLD_TEST_UNIT_FAR_MEMORY_H_

#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include <enfold/memory.h>

namespace enfold::test {

class FarMemory final : public MemoryProvider {
 public:
  explicit FarMemory(std::shared_ptr<MemoryProvider> inner = make_private_memory()) : inner_(std::move(inner)) {}

  Expected<AddressRange> locate(const Constraint& constraint, std::uint64_t span) override {
    return inner_->locate(moved(constraint), span);
  }
  Expected<Block> reserve(const Constraint& constraint, AddressRange within,
                          std::span<const SegmentRequest> segments) override {
    return inner_->reserve(moved(constraint), within, segments);
  }
  Expected<void> seal(Block& block, SealStage stage) override { return inner_->seal(block, stage); }
  Expected<void> rewrite(std::span<const WordWrite> words) override { return inner_->rewrite(words); }
  void release(Block& block) noexcept override { inner_->release(block); }
  void trim() noexcept override { inner_->trim(); }
  MemoryUse use() const override { return inner_->use(); }

 private:
  static Constraint moved(Constraint constraint) {
    constexpr std::uint64_t kNobodysLand = 0x5520'0000'0000;  // below programs; no sanitizer's shadow
    if (constraint.kind != Constraint::Kind::kNearLibraries) return constraint;
    constraint.kind = Constraint::Kind::kNear;
    constraint.target = {kNobodysLand, kNobodysLand + 1};
    return constraint;
  }

  std::shared_ptr<MemoryProvider> inner_;
};

}  // namespace enfold::test

#endif  // ENFOLD_TEST_UNIT_FAR_MEMORY_H_
