// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/object_file.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <span>
#include <string>
#include <string_view>

#include <elf.h>
#include <link.h>

#include "align.h"
#include "elf_hash.h"
#include "runtime/dynamic_file.h"
#include "runtime/versioned_name.h"

namespace enfold::runtime {
namespace {

constexpr ElfW(Half) kHiddenVersion = 0x8000;  // for references that name the version only
constexpr ElfW(Half) kSomeSection = 1;  // there are no sections: any number says "defined, and not absolute"
constexpr std::uint32_t kResolverSymbol = 1, kVetoSymbol = 2, kFirstImport = 3;
constexpr const char kVetoName[] = "the set, which was given up";

std::uint64_t page_up(std::uint64_t at) { return (at + kLoadPageSize - 1) & ~(kLoadPageSize - 1); }
std::uint64_t page_down(std::uint64_t at) { return at & ~(kLoadPageSize - 1); }

bool has_threads(const ObjectImage& image) { return image.threads.size != 0; }

// Pages with one protection.
struct Load {
  std::uint64_t lo = 0, hi = 0;
  ElfW(Word) flags = 0;
};

ElfW(Word) flags_of(Protection protection) {
  switch (protection) {
    case Protection::kReadExecute:
      return PF_R | PF_X;
    case Protection::kReadWrite:
      return PF_R | PF_W;
    case Protection::kRead:
    case Protection::kRelro:
      break;
  }
  return PF_R;
}

std::vector<Load> loads_of(const ObjectImage& image) {
  std::vector<Load> loads;
  for (const Block::Segment& segment : image.segments) {
    const Load load{page_down(value(segment.base)), page_up(value(segment.base) + segment.size),
                    flags_of(segment.protection)};
    if (!loads.empty() && loads.back().flags == load.flags && load.lo <= loads.back().hi) {
      loads.back().hi = std::max(loads.back().hi, load.hi);
    } else {
      loads.push_back(load);
    }
  }
  return loads;
}

// A definition of a version (ElfW(Verdef)), with its name behind it.
struct VersionDefinition {
  ElfW(Verdef) head{};
  ElfW(Verdaux) name{};
};

std::size_t relocations_of(ObjectImport::Kind kind) {
  if (kind == ObjectImport::Kind::kCopied) return 0;
  return kind == ObjectImport::Kind::kThreadLocal ? 2 : 1;
}

// Where everything is in the file, which is where it is in memory from the object's start.
class Layout {
 public:
  explicit Layout(const ObjectImage& object) : hash_table(object.symbols.size()) {
    const std::size_t imports = object.imports.size(), exports = object.symbols.size();
    symbol_count = kFirstImport + imports + exports;
    first_export = kFirstImport + imports;
    value_count = imports + 2;  // of the object's own thread-locals; and of nothing
    list_defined_versions(object);
    dynamic_count = kFixedEntries + object.libraries.size() + 1;
    names_size = 1 + sizeof kVetoName + sizeof kCLibrary + object.name.size() + 1;
    for (const std::string& library : object.libraries) names_size += library.size() + 1;
    for (const ObjectImport& import : object.imports) {
      const auto [name, version, is_default] = split(import.name);
      names_size += name.size() + 1 + (version.empty() ? 0 : version.size() + 1);
      if (!version.empty()) ++version_count;
      relocation_count += relocations_of(import.kind);
    }
    for (const ObjectSymbol& symbol : object.symbols) names_size += split(symbol.name).name.size() + 1;
    for (const std::string_view version : defined_versions) names_size += version.size() + 1;
    relocation_count += 2;  // the resolver's, and the one behind it
    if (has_threads(object)) relocation_count += object.threads_are_static ? 2 : 1;
    segment_count = kFixedSegments + object.segments.size();
    place(object);
  }

  static constexpr std::size_t kFixedSegments = 6, kFixedEntries = 18;

  std::size_t symbol_count = 0, version_count = 0, value_count = 0, relocation_count = 0, dynamic_count = 0;
  std::size_t segment_count = 0, names_size = 0;
  std::vector<std::string_view> defined_versions;  // sorted
  HashTable hash_table;
  std::size_t first_export = 0;
  std::uint64_t segments = 0, dynamic = 0, values = 0, symbols = 0, versions = 0, version_needs = 0;
  std::uint64_t version_definitions = 0, hash = 0, names = 0, relocations = 0, image = 0, size = 0;

  bool has_versions() const { return version_count != 0 || !defined_versions.empty(); }

  // The set's own first, then those of imports.
  ElfW(Half) number_of(std::string_view defined) const {
    const auto found = std::ranges::lower_bound(defined_versions, defined);
    return static_cast<ElfW(Half)>(kFirstVersion + (found - defined_versions.begin()));
  }
  std::size_t first_import_version() const { return kFirstVersion + defined_versions.size(); }

 private:
  void list_defined_versions(const ObjectImage& object) {
    for (const ObjectSymbol& symbol : object.symbols) {
      if (const std::string_view version = split(symbol.name).version; !version.empty()) {
        defined_versions.push_back(version);
      }
    }
    std::ranges::sort(defined_versions);
    const auto twins = std::ranges::unique(defined_versions);
    defined_versions.erase(twins.begin(), twins.end());
  }

  void place(const ObjectImage& object) {
    segments = add(sizeof(ElfW(Ehdr)), 0) + sizeof(ElfW(Ehdr));
    add(segment_count * sizeof(ElfW(Phdr)), 3);
    dynamic = add(dynamic_count * sizeof(ElfW(Dyn)), 3);
    values = add(value_count * sizeof(ObjectValue), 3);
    symbols = add(symbol_count * sizeof(ElfW(Sym)), 3);
    versions = add(has_versions() ? symbol_count * sizeof(ElfW(Half)) : 0, 1);
    const std::size_t definitions = defined_versions.empty() ? 0 : defined_versions.size() + 1;
    version_definitions = add(definitions * sizeof(VersionDefinition), 3);
    version_needs = add(version_count == 0 ? 0 : sizeof(ElfW(Verneed)) + version_count * sizeof(ElfW(Vernaux)), 2);
    hash = add(hash_table.word_count() * sizeof(std::uint32_t), 3);
    names = add(names_size, 0);
    relocations = add(relocation_count * sizeof(ElfW(Rela)), 3);
    image = add(object.threads.bytes.size(), object.threads.p2align);
  }

  std::uint64_t add(std::uint64_t bytes, std::uint8_t p2align) {
    const std::uint64_t at = align_up_p2(size, p2align);
    size = at + bytes;
    return at;
  }
};

class ObjectWriter {
 public:
  ObjectWriter(const ObjectImage& image, Resolver resolver)
      : image_(image), at_(image), base_(value(TargetAddr{image.tables.lo})), resolver_(resolver) {
    bytes_.resize(at_.size);
    names_.bytes().reserve(at_.names_size);
    own_name_ = names_.keep(image.name);
  }

  ObjectFile write() {
    write_symbols();
    write_versions();
    write_relocations();
    write_dynamic();
    write_headers();
    put_all(at_.names, std::span<const char>(names_.bytes()));
    return {.bytes = std::move(bytes_),
            .values = at_.values,
            .thread_image = at_.image,
            .veto = at_.symbols + kVetoSymbol * sizeof(ElfW(Sym)),
            .dynamic = at_.dynamic};
  }

 private:
  template <class T>
  void put(std::uint64_t at, const T& what) {
    std::memcpy(bytes_.data() + at, &what, sizeof what);
  }

  void put_symbol(std::size_t index, const ElfW(Sym) & symbol) { put(at_.symbols + index * sizeof symbol, symbol); }

  static unsigned char type_of(const ObjectSymbol& symbol) {
    switch (symbol.kind) {
      case HostSymbolKind::kFunction:
        return STT_FUNC;
      case HostSymbolKind::kData:
        return STT_OBJECT;
      case HostSymbolKind::kThreadLocal:
        return STT_TLS;
      case HostSymbolKind::kUnknown:
        break;
    }
    return STT_NOTYPE;
  }

  static unsigned char type_of(ObjectImport::Kind kind) {
    if (kind == ObjectImport::Kind::kCopied) return STT_OBJECT;
    return kind == ObjectImport::Kind::kAddress ? STT_NOTYPE : STT_TLS;
  }

  void write_symbols() {
    ElfW(Sym) resolver{};
    resolver.st_info = ELF64_ST_INFO(STB_LOCAL, STT_GNU_IFUNC);
    resolver.st_shndx = SHN_ABS;
    resolver.st_value = reinterpret_cast<std::uint64_t>(resolver_);
    put_symbol(kResolverSymbol, resolver);
    put_symbol(kVetoSymbol, wanted_symbol(names_.keep(kVetoName), STB_WEAK, STT_NOTYPE));
    for (std::size_t i = 0; i < image_.imports.size(); ++i) {
      const ObjectImport& import = image_.imports[i];
      const std::uint32_t name = names_.keep(split(import.name).name);
      put_symbol(kFirstImport + i, wanted_symbol(name, STB_GLOBAL, type_of(import.kind)));
    }
    write_exports();
  }

  static std::uint32_t hash_of(const ObjectSymbol& symbol) { return gnu_hash_of(split(symbol.name).name); }

  // In the order of their buckets.
  void write_exports() {
    std::vector<std::uint32_t> hashes(image_.symbols.size()), order(image_.symbols.size());
    std::ranges::transform(image_.symbols, hashes.begin(), hash_of);
    std::iota(order.begin(), order.end(), 0u);
    std::ranges::stable_sort(order, {}, [&](std::uint32_t i) { return at_.hash_table.bucket_of(hashes[i]); });
    std::vector<std::uint32_t> ordered(order.size());
    for (std::size_t n = 0; n < order.size(); ++n) {
      const ObjectSymbol& symbol = image_.symbols[order[n]];
      ordered[n] = hashes[order[n]];
      put_symbol(at_.first_export + n, exported(symbol));
      if (at_.has_versions()) put_version(at_.first_export + n, version_of(symbol));
    }
    put_all(at_.hash, std::span<const std::uint32_t>(at_.hash_table.words(ordered, at_.first_export)));
  }

  template <class T>
  void put_all(std::uint64_t at, std::span<const T> all) {
    if (!all.empty()) std::memcpy(bytes_.data() + at, all.data(), all.size_bytes());
  }

  ElfW(Sym) exported(const ObjectSymbol& from) {
    ElfW(Sym) symbol{};
    symbol.st_name = names_.keep(split(from.name).name);
    symbol.st_info = symbol_info(from.weak ? STB_WEAK : STB_GLOBAL, type_of(from));
    symbol.st_shndx = from.absolute ? ElfW(Half){SHN_ABS} : kSomeSection;
    symbol.st_value = value(from.address);
    symbol.st_size = from.size;
    return symbol;
  }

  void put_version(std::size_t symbol, ElfW(Half) version) { put(at_.versions + symbol * sizeof version, version); }

  ElfW(Half) version_of(const ObjectSymbol& symbol) const {
    const VersionedName name = split(symbol.name);
    if (name.version.empty()) return kAnyVersion;
    const ElfW(Half) number = at_.number_of(name.version);
    return name.is_default ? number : static_cast<ElfW(Half)>(number | kHiddenVersion);
  }

  void write_versions() {
    if (!at_.has_versions()) return;
    for (std::size_t i = 1; i < at_.first_export; ++i) put_version(i, kAnyVersion);
    if (!at_.defined_versions.empty()) write_defined_versions();
    if (at_.version_count != 0) write_wanted_versions();
  }

  // The first is the object itself.
  void write_defined_versions() {
    const std::size_t count = at_.defined_versions.size() + 1;
    for (std::size_t i = 0; i < count; ++i) {
      const std::string_view name = i == 0 ? std::string_view(image_.name) : at_.defined_versions[i - 1];
      VersionDefinition definition;
      definition.head.vd_version = VER_DEF_CURRENT;
      definition.head.vd_flags = i == 0 ? VER_FLG_BASE : 0;
      definition.head.vd_ndx = i == 0 ? kAnyVersion : at_.number_of(name);
      definition.head.vd_cnt = 1;
      definition.head.vd_hash = sysv_hash_of(name);
      definition.head.vd_aux = offsetof(VersionDefinition, name);
      definition.head.vd_next = i + 1 == count ? 0 : sizeof definition;
      definition.name.vda_name = i == 0 ? own_name_ : names_.keep(name);
      put(at_.version_definitions + i * sizeof definition, definition);
    }
  }

  // Versions are looked for in all objects, whatever file they are said to be of: one that is always loaded.
  void write_wanted_versions() {
    std::uint64_t at = at_.version_needs;
    put(at, wanted_versions(at_.version_count, names_.keep(kCLibrary)));
    at += sizeof(ElfW(Verneed));
    std::size_t count = 0;
    for (std::size_t i = 0; i < image_.imports.size(); ++i) {
      const std::string_view name = split(image_.imports[i].name).version;
      if (name.empty()) continue;
      const std::size_t number = at_.first_import_version() + count;
      put(at, wanted_version(name, names_.keep(name), number, ++count == at_.version_count));
      put_version(kFirstImport + i, static_cast<ElfW(Half)>(number));
      at += sizeof(ElfW(Vernaux));
    }
  }

  void relocate(std::uint64_t at, std::uint64_t symbol, std::uint32_t type) {
    const ElfW(Rela) relocation{at, ELF64_R_INFO(symbol, type), 0};
    put(at_.relocations + relocated_++ * sizeof relocation, relocation);
  }

  std::uint64_t value_at(std::size_t i) const { return base_ + at_.values + i * sizeof(ObjectValue); }

  void write_relocations() {
    for (std::size_t i = 0; i < image_.imports.size(); ++i) {
      const ObjectImport& import = image_.imports[i];
      const std::uint64_t at = value_at(i) + offsetof(ObjectValue, value), symbol = kFirstImport + i;
      switch (import.kind) {
        case ObjectImport::Kind::kAddress:
          relocate(at, symbol, kAddressOf);
          break;
        case ObjectImport::Kind::kCopied:  // looked up without it
          break;
        case ObjectImport::Kind::kThreadOffset:
          relocate(at, symbol, kDistanceOf);
          break;
        case ObjectImport::Kind::kThreadLocal:
          relocate(value_at(i) + offsetof(ObjectValue, module), symbol, kModuleOf);
          relocate(at, symbol, kOffsetOf);
          break;
      }
    }
    const std::uint64_t own = value_at(image_.imports.size());
    if (has_threads(image_)) relocate(own + offsetof(ObjectValue, module), 0, kModuleOf);
    if (has_threads(image_) && image_.threads_are_static) {
      relocate(own + offsetof(ObjectValue, value), 0, kDistanceOf);
    }
    const std::uint64_t nothing = value_at(image_.imports.size() + 1);
    relocate(nothing, kResolverSymbol, kAddressOf);
    relocate(nothing, kVetoSymbol, kAddressOf);
  }

  void note(std::int64_t tag, std::uint64_t what) {
    put(at_.dynamic + noted_++ * sizeof(ElfW(Dyn)), dynamic_entry(tag, what));
  }

  void write_dynamic() {
    note(DT_SONAME, own_name_);
    for (const std::string& library : image_.libraries) note(DT_NEEDED, names_.keep(library));
    note(DT_GNU_HASH, base_ + at_.hash);
    note(DT_SYMTAB, base_ + at_.symbols);
    note(DT_SYMENT, sizeof(ElfW(Sym)));
    note(DT_STRTAB, base_ + at_.names);
    note(DT_STRSZ, names_.bytes().size());
    note(DT_RELA, base_ + at_.relocations);
    note(DT_RELASZ, relocated_ * sizeof(ElfW(Rela)));
    note(DT_RELAENT, sizeof(ElfW(Rela)));
    if (has_threads(image_) && image_.threads_are_static) note(DT_FLAGS, DF_STATIC_TLS);
    if (!at_.has_versions()) return;
    note(DT_VERSYM, base_ + at_.versions);
    if (!at_.defined_versions.empty()) {
      note(DT_VERDEF, base_ + at_.version_definitions);
      note(DT_VERDEFNUM, at_.defined_versions.size() + 1);
    }
    if (at_.version_count == 0) return;
    note(DT_VERNEED, base_ + at_.version_needs);
    note(DT_VERNEEDNUM, 1);
  }

  void write_headers() {
    const std::uint64_t file_size = bytes_.size(), dynamic_size = at_.dynamic_count * sizeof(ElfW(Dyn));
    put_segment(segment_header(PT_LOAD, PF_R | PF_W, file_size, file_size, kLoadPageSize), 0);
    for (const Load& load : loads_of(image_)) {
      ElfW(Phdr) header = segment_header(PT_LOAD, load.flags, 0, load.hi - load.lo, kLoadPageSize);
      header.p_vaddr = header.p_paddr = load.lo;
      header.p_offset = page_up(file_size);
      put_segment(header);
    }
    put_segment(segment_header(PT_DYNAMIC, PF_R | PF_W, dynamic_size, dynamic_size, 8), at_.dynamic);
    put_segment(segment_header(PT_GNU_RELRO, PF_R, file_size, page_up(file_size), 1), 0);
    put_segment(segment_header(PT_GNU_STACK, PF_R | PF_W, 0, 0, 16));
    if (has_threads(image_)) {
      const ThreadImage& threads = image_.threads;
      put_segment(segment_header(PT_TLS, PF_R, threads.bytes.size(), threads.size, std::uint64_t{1} << threads.p2align),
                  at_.image);
    }
    if (value(image_.frames.search_table) != 0) put_search_table();
    put(0, file_header(at_.segments, written_segments_));
  }

  // The table's end is not looked at.
  void put_search_table() {
    ElfW(Phdr) header = segment_header(PT_GNU_EH_FRAME, PF_R, kLeastSearchTable, kLeastSearchTable, 4);
    header.p_vaddr = header.p_paddr = value(image_.frames.search_table);
    put_segment(header);
  }

  void put_segment(const ElfW(Phdr) & segment) { put(at_.segments + written_segments_++ * sizeof segment, segment); }
  void put_segment(const ElfW(Phdr) & segment, std::uint64_t at) { put_segment(segment_in_file(segment, at, base_)); }

  static constexpr std::uint64_t kLeastSearchTable = 12;

  const ObjectImage& image_;
  const Layout at_;
  const std::uint64_t base_;
  const Resolver resolver_;
  std::vector<std::byte> bytes_;
  NameTable names_;
  std::uint32_t own_name_ = 0;
  std::size_t relocated_ = 0, noted_ = 0, written_segments_ = 0;
};

}  // namespace

std::uint64_t object_file_size(const ObjectImage& image) { return Layout(image).size; }

ObjectFile make_object_file(const ObjectImage& image, Resolver resolver) {
  return ObjectWriter(image, resolver).write();
}

}  // namespace enfold::runtime
