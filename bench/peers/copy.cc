// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// No linker: the contents of all sections that are loaded, copied one after another into fresh pages. What the machine
// takes for the bytes alone.
#include <elf.h>
#include <sys/mman.h>

#include <cstring>
#include <memory>
#include <utility>

#include "peer.h"

namespace enfold::bench {
namespace {

struct Code : Linked {
  explicit Code(std::size_t bytes) : size(bytes) {
    memory = static_cast<std::byte*>(mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (memory == MAP_FAILED) throw Failure("no memory");
  }
  ~Code() override { munmap(memory, size); }
  std::size_t size;
  std::byte* memory;
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
  Linking link(std::span<const Input> objects, const std::string&) override {
    std::size_t size = 0;
    for (const Input& object : objects) for_each_loaded(object, [&](const std::byte*, std::size_t n) { size += n; });
    auto code = std::make_unique<Code>(size + 1);
    std::byte* to = code->memory;
    for (const Input& object : objects) {
      for_each_loaded(object, [&](const std::byte* from, std::size_t n) {
        std::memcpy(to, from, n);
        to += n;
      });
    }
    return {std::move(code), nullptr};
  }
};

}  // namespace

std::vector<PeerKind> copy_kinds() {
  return {{.name = "copy",
           .what = "no linker: memcpy of all loaded sections to fresh pages",
           .make = [] { return std::make_unique<CopyPeer>(); },
           .runs_code = false}};
}

}  // namespace enfold::bench
