// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The floor: what the machine takes at least to make x86-64 objects callable. Sections are copied one after another
// into pages that were reserved beforehand and are writable and executable, global names meet in one hash table, and
// relocations are applied. Nothing is checked but what would make the code wrong, nothing is given back, no unwind
// table is registered and no constructor runs. How far above it a linker is, is the price of what it does besides.
#include <dlfcn.h>
#include <elf.h>
#include <sys/mman.h>

#include <bit>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "peer.h"

namespace enfold::bench {
namespace {

constexpr std::size_t kRoom = std::size_t{1} << 30;

struct Name {
  const char* text = nullptr;
  std::uint64_t hash = 0, address = 0, slot = 0, stub = 0;
  bool is_weak = false, is_claimed = false;  // by a COMDAT group
};

// Open addressing, never more than half full, over names that stay where they are.
class Names {
 public:
  void reset(std::size_t limit) {
    table_.assign(std::bit_ceil(2 * limit), 0);
    names_.clear();
    names_.reserve(limit);
  }

  Name& find(const char* text) {
    const std::uint64_t hash = XXH3_64bits(text, std::strlen(text));
    for (std::size_t i = hash;; ++i) {
      std::uint32_t& index = table_[i & (table_.size() - 1)];
      if (index == 0) {
        names_.push_back({.text = text, .hash = hash});
        index = static_cast<std::uint32_t>(names_.size());
        return names_.back();
      }
      Name& name = names_[index - 1];
      if (name.hash == hash && std::strcmp(name.text, text) == 0) return name;
    }
  }

 private:
  std::vector<std::uint32_t> table_;  // one more than an index; 0: free
  std::vector<Name> names_;
};

struct Object {
  const std::byte* file = nullptr;
  std::span<const Elf64_Shdr> sections{};
  std::span<const Elf64_Sym> symbols{};
  const Elf64_Word* extended_index = nullptr;
  const char* strings = nullptr;
  std::size_t local_count = 0;
  std::uint64_t* addresses = nullptr;  // of sections; 0 where it is not loaded
  Name** names = nullptr;              // of symbols that are not local

  template <class T>
  const T* at(const Elf64_Shdr& section) const {
    return reinterpret_cast<const T*>(file + section.sh_offset);
  }
  std::size_t section_of(std::size_t symbol) const {
    const std::size_t index = symbols[symbol].st_shndx;
    return index == SHN_XINDEX ? extended_index[symbol] : index < SHN_LORESERVE ? index : 0;
  }
};

Object read(const Input& input) {
  Object object{.file = input.bytes.data()};
  const auto* const header = reinterpret_cast<const Elf64_Ehdr*>(object.file);
  const auto* const first = reinterpret_cast<const Elf64_Shdr*>(object.file + header->e_shoff);
  object.sections = {first, header->e_shnum ? header->e_shnum : first->sh_size};
  for (const Elf64_Shdr& section : object.sections) {
    if (section.sh_type == SHT_SYMTAB_SHNDX) object.extended_index = object.at<Elf64_Word>(section);
    if (section.sh_type != SHT_SYMTAB) continue;
    object.symbols = {object.at<Elf64_Sym>(section), section.sh_size / sizeof(Elf64_Sym)};
    object.strings = object.at<char>(object.sections[section.sh_link]);
    object.local_count = section.sh_info;
  }
  return object;
}

template <class T>
void store(std::uint64_t place, std::uint64_t value) {
  const auto bits = static_cast<T>(value);
  std::memcpy(reinterpret_cast<void*>(place), &bits, sizeof bits);
}

bool in_reach(std::uint64_t distance) {
  constexpr std::uint64_t kHalf = std::uint64_t{1} << 31;
  return distance + kHalf < 2 * kHalf;
}

void store_distance(std::uint64_t place, std::uint64_t value) {
  if (!in_reach(value)) throw Failure("out of reach");
  store<std::uint32_t>(place, value);
}

class FloorPeer : public Peer {
 public:
  FloorPeer() {
    void* const room =
        mmap(nullptr, kRoom, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (room == MAP_FAILED) throw Failure("no memory that is writable and executable");
    next_ = reinterpret_cast<std::uint64_t>(room);
    host_.reset(1 << 16);
  }

  Linking link(std::span<const Input> inputs, const std::string& entry) override {
    read_all(inputs);
    for (Object& object : objects_) place(object);
    for (Object& object : objects_) apply(object);
    return {std::make_unique<Linked>(), reinterpret_cast<void*>(names_.find(entry.c_str()).address)};
  }

 private:
  void read_all(std::span<const Input> inputs) {
    objects_.clear();
    std::size_t section_count = 0, name_count = 1;
    for (const Input& input : inputs) {
      const Object& object = objects_.emplace_back(read(input));
      section_count += object.sections.size();
      name_count += object.symbols.size() - object.local_count;
    }
    names_.reset(name_count);
    addresses_.assign(section_count, 0);
    symbol_names_.resize(name_count);
    std::uint64_t* addresses = addresses_.data();
    Name** names = symbol_names_.data();
    for (Object& object : objects_) {
      object.addresses = std::exchange(addresses, addresses + object.sections.size());
      object.names = std::exchange(names, names + (object.symbols.size() - object.local_count));
    }
  }

  // The first group of a name stays, and all of those whose names are local.
  void drop_groups(Object& object) {
    for (const Elf64_Shdr& section : object.sections) {
      if (section.sh_type != SHT_GROUP || section.sh_info < object.local_count) continue;
      Name& name = *object.names[section.sh_info - object.local_count];
      if (!std::exchange(name.is_claimed, true)) continue;
      const auto* const members = object.at<Elf64_Word>(section);
      for (std::size_t i = 1; i < section.sh_size / sizeof *members; ++i) object.addresses[members[i]] = kDropped;
    }
  }

  void place(Object& object) {
    for (std::size_t i = object.local_count; i < object.symbols.size(); ++i) {
      object.names[i - object.local_count] = &names_.find(object.strings + object.symbols[i].st_name);
    }
    drop_groups(object);
    for (std::size_t i = 1; i < object.sections.size(); ++i) {
      const Elf64_Shdr& section = object.sections[i];
      const bool is_dropped = std::exchange(object.addresses[i], 0) == kDropped;
      if (is_dropped || !(section.sh_flags & SHF_ALLOC) || section.sh_type == SHT_GROUP) continue;
      object.addresses[i] = take(section.sh_size, section.sh_addralign);
    }
    for (std::size_t i = object.local_count; i < object.symbols.size(); ++i) define(object, i);
  }

  // The first strong definition, or else the first.
  static void define(Object& object, std::size_t i) {
    const std::uint64_t base = object.addresses[object.section_of(i)];
    if (!base) return;
    Name& name = *object.names[i - object.local_count];
    const bool is_weak = ELF64_ST_BIND(object.symbols[i].st_info) == STB_WEAK;
    if (name.address && (is_weak || !name.is_weak)) return;
    name.address = base + object.symbols[i].st_value;
    name.is_weak = is_weak;
  }

  void apply(Object& object) {
    for (std::size_t i = 1; i < object.sections.size(); ++i) {
      const Elf64_Shdr& section = object.sections[i];
      if (!object.addresses[i] || section.sh_type == SHT_NOBITS) continue;
      std::memcpy(reinterpret_cast<void*>(object.addresses[i]), object.file + section.sh_offset, section.sh_size);
    }
    for (const Elf64_Shdr& section : object.sections) {
      if (section.sh_type != SHT_RELA || !object.addresses[section.sh_info]) continue;
      const std::span records(object.at<Elf64_Rela>(section), section.sh_size / sizeof(Elf64_Rela));
      for (const Elf64_Rela& record : records) relocate(object, object.addresses[section.sh_info], record);
    }
  }

  void relocate(Object& object, std::uint64_t base, const Elf64_Rela& record) {
    const std::size_t symbol = ELF64_R_SYM(record.r_info);
    const auto addend = static_cast<std::uint64_t>(record.r_addend);
    const std::uint64_t place = base + record.r_offset;
    Name* const name = symbol < object.local_count ? nullptr : object.names[symbol - object.local_count];
    const std::uint64_t address = name ? resolve(*name) : local_address(object, symbol);
    switch (ELF64_R_TYPE(record.r_info)) {
      case R_X86_64_64:
        return store<std::uint64_t>(place, address + addend);  // S + A
      case R_X86_64_PC64:
        return store<std::uint64_t>(place, address + addend - place);  // S + A - P
      case R_X86_64_PC32:
        if (address) store_distance(place, address + addend - place);  // S + A - P; what is absent is never used
        return;
      case R_X86_64_PLT32:
        if (address) store_distance(place, near(name, address, place) + addend - place);  // L + A - P
        return;
      case R_X86_64_GOTPCREL:
      case R_X86_64_GOTPCRELX:
      case R_X86_64_REX_GOTPCRELX:
        return store_distance(place, slot(name, address) + addend - place);  // G + GOT + A - P
      default:
        throw Failure("relocation of type " + std::to_string(ELF64_R_TYPE(record.r_info)));
    }
  }

  // 0 in a section that was dropped.
  static std::uint64_t local_address(const Object& object, std::size_t symbol) {
    const std::uint64_t base = object.addresses[object.section_of(symbol)];
    return base ? base + object.symbols[symbol].st_value : 0;
  }

  // What no object defines is the process's, which is asked once for each name.
  std::uint64_t resolve(Name& name) {
    if (name.address) return name.address;
    Name& known = host_.find(name.text);
    if (!known.is_claimed) {
      known.text = strdup(name.text);
      known.address = reinterpret_cast<std::uint64_t>(dlsym(RTLD_DEFAULT, name.text));
      known.is_claimed = true;
    }
    return name.address = known.address;
  }

  // A function, or where out of reach a stub that jumps to it.
  std::uint64_t near(Name* name, std::uint64_t address, std::uint64_t place) {
    if (in_reach(address - place)) return address;
    if (name && name->stub) return name->stub;
    const std::uint64_t stub = take(14, 16);
    store<std::uint64_t>(stub, 0x0000'0000'25ff);  // jmpq *0(%rip)
    store<std::uint64_t>(stub + 6, address);
    if (name) name->stub = stub;
    return stub;
  }

  std::uint64_t slot(Name* name, std::uint64_t address) {
    if (name && name->slot) return name->slot;
    const std::uint64_t place = take(sizeof address, alignof(std::uint64_t));
    store<std::uint64_t>(place, address);
    if (name) name->slot = place;
    return place;
  }

  std::uint64_t take(std::uint64_t size, std::uint64_t alignment) {
    const std::uint64_t mask = alignment > 1 ? alignment - 1 : 0;
    const std::uint64_t place = (next_ + mask) & ~mask;
    next_ = place + size;
    return place;
  }

  static constexpr std::uint64_t kDropped = ~std::uint64_t{};

  std::uint64_t next_ = 0;
  Names names_, host_;
  std::vector<Object> objects_;
  std::vector<std::uint64_t> addresses_;
  std::vector<Name*> symbol_names_;
};

}  // namespace

std::vector<PeerKind> floor_kinds() {
  return {{.name = "floor",
           .what = "no product: copying, one hash table, relocations",
           .make = [] { return std::make_unique<FloorPeer>(); },
           .takes_threads = false,
           .unwinds = false}};
}

}  // namespace enfold::bench
