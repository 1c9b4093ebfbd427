// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// No linker: the contents of all sections that are loaded, copied one after another into fresh pages, which come one by
// one as they are touched, or as large pages where the system has them; the rest of the last one goes back. What the
// machine takes for the bytes alone.
#include <elf.h>
#include <sys/mman.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>

#include "peer.h"

namespace enfold::bench {
namespace {

constexpr std::size_t kLargePage = std::size_t{2} << 20;

enum class Pages { kSmall, kLarge };

struct Code : Linked {
  Code(std::size_t bytes, Pages pages) : size(bytes) {
    if (pages == Pages::kLarge) size = (bytes + kLargePage - 1) / kLargePage * kLargePage + kLargePage;
    start = static_cast<std::byte*>(mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (start == MAP_FAILED) throw Failure("no memory");
    memory = start;
    if (pages == Pages::kSmall) return;
    memory += -reinterpret_cast<std::uintptr_t>(start) & (kLargePage - 1);
    madvise(memory, size - kLargePage, MADV_HUGEPAGE);
  }
  ~Code() override { munmap(start, size); }

  void give_back_from(std::byte* end) {
    end += -reinterpret_cast<std::uintptr_t>(end) & 4095;
    madvise(end, static_cast<std::size_t>(start + size - end), MADV_DONTNEED);
  }

  std::size_t size;
  std::byte *start, *memory;
};

template <class Use>
void for_each_loaded(const Input& object, Use&& use) {
  const std::byte* const file = object.bytes.data();
  const auto* const header = reinterpret_cast<const Elf64_Ehdr*>(file);
  const auto* const sections = reinterpret_cast<const Elf64_Shdr*>(file + header->e_shoff);
  const std::size_t count = header->e_shnum ? header->e_shnum : sections[0].sh_size;
  for (std::size_t i = 1; i < count; ++i) {
    if (!(sections[i].sh_flags & SHF_ALLOC) || sections[i].sh_type == SHT_NOBITS) continue;
    use(file + sections[i].sh_offset, sections[i].sh_size);
  }
}

class CopyPeer : public Peer {
 public:
  explicit CopyPeer(Pages pages) : pages_(pages) {}

  Linking link(std::span<const Input> objects, const std::string&) override {
    std::size_t size = 0;
    for (const Input& object : objects) for_each_loaded(object, [&](const std::byte*, std::size_t n) { size += n; });
    const Pages pages = size < kLargePage / 4 ? Pages::kSmall : pages_;
    auto code = std::make_unique<Code>(size + 1, pages);
    std::byte* to = code->memory;
    for (const Input& object : objects) {
      for_each_loaded(object, [&](const std::byte* from, std::size_t n) {
        std::memcpy(to, from, n);
        to += n;
      });
    }
    if (pages == Pages::kLarge) code->give_back_from(to);
    return {std::move(code), nullptr};
  }

 private:
  const Pages pages_;
};

}  // namespace

std::vector<PeerKind> copy_kinds() {
  return {{.name = "copy",
           .what = "no linker: memcpy of all loaded sections to fresh pages",
           .make = [] { return std::make_unique<CopyPeer>(Pages::kSmall); },
           .runs_code = false},
          {.name = "copy-large",
           .what = "no linker: the same to large pages, where they are worth it",
           .make = [] { return std::make_unique<CopyPeer>(Pages::kLarge); },
           .runs_code = false}};
}

}  // namespace enfold::bench
