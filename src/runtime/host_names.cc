// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The tables of a loaded object are in memory as its file has them: symbols, a version number for each (DT_VERSYM), and
// the names of the versions that it defines (DT_VERDEF). How many symbols there are, only their hash tables tell.
#include "runtime/host_names.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include <elf.h>
#include <link.h>

#include "runtime/host_object.h"

namespace enfold::runtime {
namespace {

constexpr std::uint16_t kHidden = 0x8000;  // in DT_VERSYM: not the default version of its name

class Names {
 public:
  Names(std::uint64_t bias, const ElfW(Dyn) * dynamic) : bias_(bias) {
    for (; dynamic != nullptr && dynamic->d_tag != DT_NULL; ++dynamic) note(*dynamic);
  }

  // visit(symbol, name, version): the version is empty where there is none.
  template <class Visit>
  void each(const Visit& visit) const {
    if (symbols_ == nullptr || strings_ == nullptr) return;
    const std::size_t count = symbol_count();
    for (std::size_t i = 1; i < count; ++i) {
      const ElfW(Sym)& symbol = symbols_[i];
      if (symbol.st_shndx == SHN_UNDEF || ELF64_ST_BIND(symbol.st_info) == STB_LOCAL) continue;
      const std::uint16_t version = versions_ == nullptr ? std::uint16_t{VER_NDX_GLOBAL} : versions_[i];
      visit(symbol, strings_ + symbol.st_name, version);
    }
  }

  const char* version_name(std::uint16_t version) const {
    for (const ElfW(Verdef)* at = definitions_; at != nullptr;) {
      const auto* name = step<ElfW(Verdaux)>(at, at->vd_aux);
      const bool base = (at->vd_flags & VER_FLG_BASE) != 0;
      if (!base && at->vd_ndx == (version & ~kHidden)) return strings_ + name->vda_name;
      at = at->vd_next == 0 ? nullptr : step<ElfW(Verdef)>(at, at->vd_next);
    }
    return "";
  }

 private:
  template <class To, class From>
  static const To* step(const From* from, std::size_t distance) {
    return reinterpret_cast<const To*>(reinterpret_cast<const std::byte*>(from) + distance);
  }

  template <class T>
  void set(const T*& table, std::uint64_t address) const {
    // Most dynamic linkers turn these into addresses in place; where they do not, the value is below the bias.
    table = reinterpret_cast<const T*>(address < bias_ ? bias_ + address : address);
  }

  void note(const ElfW(Dyn) & entry) {
    switch (entry.d_tag) {
      case DT_SYMTAB: return set(symbols_, entry.d_un.d_ptr);
      case DT_STRTAB: return set(strings_, entry.d_un.d_ptr);
      case DT_VERSYM: return set(versions_, entry.d_un.d_ptr);
      case DT_VERDEF: return set(definitions_, entry.d_un.d_ptr);
      case DT_GNU_HASH: return set(gnu_hash_, entry.d_un.d_ptr);
      case DT_HASH: return set(hash_, entry.d_un.d_ptr);
      default: return;
    }
  }

  // The end of the last chain.
  std::size_t symbol_count() const {
    if (gnu_hash_ == nullptr) return hash_ == nullptr ? 0 : hash_[1];
    const std::uint32_t bucket_count = gnu_hash_[0], first = gnu_hash_[1], bloom_count = gnu_hash_[2];
    const std::uint32_t* buckets = gnu_hash_ + 4 + std::size_t{bloom_count} * (sizeof(ElfW(Addr)) / 4);
    const std::uint32_t* hashes = buckets + bucket_count;
    std::size_t last = 0;
    for (std::uint32_t i = 0; i < bucket_count; ++i) last = std::max<std::size_t>(last, buckets[i]);
    if (last < first) return 0;
    while ((hashes[last - first] & 1) == 0) ++last;
    return last + 1;
  }

  const std::uint64_t bias_;
  const ElfW(Sym) * symbols_ = nullptr;
  const char* strings_ = nullptr;
  const std::uint16_t* versions_ = nullptr;
  const ElfW(Verdef) * definitions_ = nullptr;
  const std::uint32_t* gnu_hash_ = nullptr;
  const std::uint32_t* hash_ = nullptr;
};

struct VersionSearch {
  const std::string& wanted;
  std::vector<std::string> found{};
};

int list_versions(dl_phdr_info* info, std::size_t, void* data) {
  VersionSearch& search = *static_cast<VersionSearch*>(data);
  for (ElfW(Half) i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& header = info->dlpi_phdr[i];
    if (header.p_type != PT_DYNAMIC) continue;
    const Names names(info->dlpi_addr, reinterpret_cast<const ElfW(Dyn)*>(info->dlpi_addr + header.p_vaddr));
    names.each([&](const ElfW(Sym) &, const char* name, std::uint16_t number) {
      const char* const version = search.wanted == name ? names.version_name(number) : "";
      if (*version != '\0') search.found.push_back(std::string(version) + " in " + info->dlpi_name);
    });
  }
  return 0;
}

}  // namespace

std::vector<std::string> host_versions_of(const std::string& name) {
  VersionSearch search{.wanted = name};
  dl_iterate_phdr(list_versions, &search);
  return std::move(search.found);
}

std::vector<std::string> host_names_at(std::uint64_t address) {
  const std::optional<HostObject> object = find_host_object(address);
  if (!object || object->dynamic == nullptr) return {};
  std::vector<std::string> found;
  Names(object->bias, object->dynamic).each([&](const ElfW(Sym) & symbol, const char* name, std::uint16_t version) {
    const bool there = symbol.st_value == address - object->bias && ELF64_ST_TYPE(symbol.st_info) != STT_TLS;
    if (there && (version & kHidden) == 0) found.emplace_back(name);
  });
  return found;
}

}  // namespace enfold::runtime
