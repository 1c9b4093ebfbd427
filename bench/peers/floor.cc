// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The floor: what the machine takes at least to make x86-64 objects callable. Sections are copied one after another
// into pages that were reserved beforehand and are writable and executable, global names meet in one hash table, and
// relocations are applied. Nothing is checked but what would make the code wrong, nothing is given back, no unwind
// table is registered and no constructor runs. How far above it a linker is, is the price of what it does besides.
//
// A floor that keeps what it links does no more but what any linker of many sets has to: no page is writable and
// executable (pages of a file are mapped twice), and later sets find the names of earlier ones.
#include <dlfcn.h>
#include <elf.h>
#include <sys/mman.h>
#include <unistd.h>

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
constexpr std::size_t kMostNames = std::size_t{1} << 19;  // that are kept

enum class Keeps { kNothing, kSets };

struct Name {
  const char* text = nullptr;
  std::uint64_t hash = 0, address = 0, slot = 0, stub = 0;
  std::uint64_t earlier = 0;  // address in an earlier set
  std::size_t set = 0;        // whose the other fields are
  bool is_weak = false, is_claimed = false;  // by a COMDAT group

  void begin(std::size_t number) {
    if (set == number) return;
    earlier = address != 0 ? address : earlier;
    address = slot = stub = 0;
    set = number;
    is_weak = is_claimed = false;
  }
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
        if (names_.size() == names_.capacity()) throw Failure("more names than there is room for");
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

// Where linked code lies, its first half code and constants, its second half data.
class Room {
 public:
  explicit Room(Keeps keeps) {
    const bool twice = keeps == Keeps::kSets;
    begin_ = code_ = map(nullptr, kRoom, twice ? PROT_READ | PROT_WRITE : PROT_READ | PROT_WRITE | PROT_EXEC,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
    data_ = begin_ + kRoom / 2;
    if (!twice) return;
    const int file = memfd_create("floor", MFD_CLOEXEC);
    if (file < 0 || ftruncate(file, kRoom / 2) != 0) throw Failure("no file in memory");
    constexpr int kShared = MAP_SHARED | MAP_NORESERVE;
    map(reinterpret_cast<void*>(begin_), kRoom / 2, PROT_READ | PROT_EXEC, kShared | MAP_FIXED, file);
    shift_ = map(nullptr, kRoom / 2, PROT_READ | PROT_WRITE, kShared, file) - begin_;
    close(file);
  }

  std::uint64_t take(std::uint64_t size, std::uint64_t alignment, bool data = false) {
    std::uint64_t& next = data ? data_ : code_;
    const std::uint64_t mask = alignment > 1 ? alignment - 1 : 0;
    const std::uint64_t place = (next + mask) & ~mask;
    next = place + size;
    return place;
  }

  // Where what is to lie at `place` is written.
  std::byte* at(std::uint64_t place) const {
    return reinterpret_cast<std::byte*>(place - begin_ < kRoom / 2 ? place + shift_ : place);
  }

 private:
  static std::uint64_t map(void* at, std::size_t size, int protection, int flags, int file) {
    void* const got = mmap(at, size, protection, flags, file, 0);
    if (got == MAP_FAILED) throw Failure("no memory for code");
    return reinterpret_cast<std::uint64_t>(got);
  }

  std::uint64_t begin_ = 0, code_ = 0, data_ = 0;  // the next of each
  std::uint64_t shift_ = 0;                        // to the mapping of code that is written
};

bool in_reach(std::uint64_t distance) {
  constexpr std::uint64_t kHalf = std::uint64_t{1} << 31;
  return distance + kHalf < 2 * kHalf;
}

class FloorPeer : public Peer {
 public:
  explicit FloorPeer(Keeps keeps) : keeps_(keeps), room_(keeps) {
    host_.reset(1 << 16);
    if (keeps_ == Keeps::kSets) names_.reset(kMostNames);
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
    if (keeps_ == Keeps::kNothing) names_.reset(name_count);
    ++set_;
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
      Name& name = names_.find(object.strings + object.symbols[i].st_name);
      name.begin(set_);
      object.names[i - object.local_count] = &name;
    }
    drop_groups(object);
    for (std::size_t i = 1; i < object.sections.size(); ++i) {
      const Elf64_Shdr& section = object.sections[i];
      const bool is_dropped = std::exchange(object.addresses[i], 0) == kDropped;
      if (is_dropped || !(section.sh_flags & SHF_ALLOC) || section.sh_type == SHT_GROUP) continue;
      object.addresses[i] = room_.take(section.sh_size, section.sh_addralign, (section.sh_flags & SHF_WRITE) != 0);
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
      std::memcpy(room_.at(object.addresses[i]), object.file + section.sh_offset, section.sh_size);
    }
    for (const Elf64_Shdr& section : object.sections) {
      if (section.sh_type != SHT_RELA || !object.addresses[section.sh_info]) continue;
      const std::span records(object.at<Elf64_Rela>(section), section.sh_size / sizeof(Elf64_Rela));
      for (const Elf64_Rela& record : records) relocate(object, object.addresses[section.sh_info], record);
    }
  }

  template <class T>
  void store(std::uint64_t place, std::uint64_t value) {
    const auto bits = static_cast<T>(value);
    std::memcpy(room_.at(place), &bits, sizeof bits);
  }

  void store_distance(std::uint64_t place, std::uint64_t value) {
    if (!in_reach(value)) throw Failure("out of reach");
    store<std::uint32_t>(place, value);
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
    if (name.earlier) return name.address = name.earlier;
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
    const std::uint64_t stub = room_.take(14, 16);
    store<std::uint64_t>(stub, 0x0000'0000'25ff);  // jmpq *0(%rip)
    store<std::uint64_t>(stub + 6, address);
    if (name) name->stub = stub;
    return stub;
  }

  std::uint64_t slot(Name* name, std::uint64_t address) {
    if (name && name->slot) return name->slot;
    const std::uint64_t place = room_.take(sizeof address, alignof(std::uint64_t), true);
    store<std::uint64_t>(place, address);
    if (name) name->slot = place;
    return place;
  }

  static constexpr std::uint64_t kDropped = ~std::uint64_t{};

  const Keeps keeps_;
  Room room_;
  std::size_t set_ = 0;  // the number of the one that is linked
  Names names_, host_;
  std::vector<Object> objects_;
  std::vector<std::uint64_t> addresses_;
  std::vector<Name*> symbol_names_;
};

}  // namespace

std::vector<PeerKind> floor_kinds() {
  return {{.name = "floor",
           .what = "no product: copying, one hash table, relocations",
           .make = [] { return std::make_unique<FloorPeer>(Keeps::kNothing); },
           .takes_threads = false,
           .unwinds = false},
          {.name = "floor-sets",
           .what = "no product: the same, never writable and executable, and names kept for later sets",
           .make = [] { return std::make_unique<FloorPeer>(Keeps::kSets); },
           .takes_threads = false,
           .unwinds = false}};
}

}  // namespace enfold::bench
