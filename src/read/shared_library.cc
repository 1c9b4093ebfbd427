// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "read/shared_library.h"

#include <elf.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "elf_hash.h"
#include "read/file_kind.h"

namespace enfold::read {
namespace {

constexpr std::uint16_t kHiddenVersion = 0x8000;  // in .gnu.version: not the default version of its name
constexpr std::uint16_t kVersionMask = 0x7fff;
constexpr std::uint64_t kFlags1Pie = 0x08000000;  // DF_1_PIE

// A part of the file that will be memory.
struct LoadedPart {
  std::uint64_t address = 0;
  Source contents;
};

// What the dynamic segment says, as far as it matters here. Addresses are 0 where a tag is missing.
struct DynamicTags {
  std::uint64_t symbols = 0, strings = 0, strings_size = 0, versions = 0, version_names = 0, version_count = 0,
                hash = 0, gnu_hash = 0, flags_1 = 0;
  std::optional<std::uint64_t> soname;
};

SharedSymbolType type_of(unsigned char info) {
  switch (ELF64_ST_TYPE(info)) {
    case STT_FUNC: return SharedSymbolType::kFunction;
    case STT_OBJECT:
    case STT_COMMON: return SharedSymbolType::kObject;
    case STT_GNU_IFUNC: return SharedSymbolType::kIfunc;
    case STT_TLS: return SharedSymbolType::kTls;
    default: return SharedSymbolType::kNoType;
  }
}

}  // namespace

class SharedLibraryReader {
 public:
  SharedLibraryReader(Source source, const std::string& path) : source_(source), path_(path) {}
  Expected<SharedLibrary> read();

 private:
  std::unexpected<Error> malformed(std::string message, std::optional<std::uint64_t> offset = {}) const {
    return std::unexpected(Error(ErrorCode::kMalformed, std::move(message), {.object = path_, .offset = offset}));
  }

  Expected<void> read_program_headers(const Elf64_Ehdr& header);
  void note_protection(const Elf64_Phdr& segment);
  void read_dynamic_tags();
  Source at_address(std::uint64_t address) const;
  Expected<std::uint64_t> read_hash();
  Expected<std::uint64_t> read_gnu_hash();
  Expected<void> read_tables(std::uint64_t symbol_count);
  Expected<void> read_versions();
  Expected<void> index_symbols();

  Source source_;
  const std::string& path_;
  std::vector<LoadedPart> parts_;
  std::optional<Bytes> dynamic_;
  DynamicTags tags_;
  SharedLibrary library_;
};

Expected<void> SharedLibraryReader::read_program_headers(const Elf64_Ehdr& header) {
  const std::optional<Bytes> table = source_.records(header.e_phoff, header.e_phnum, sizeof(Elf64_Phdr));
  if (!table || header.e_phentsize != sizeof(Elf64_Phdr)) return malformed("the program headers are outside the file");
  for (std::uint64_t at = 0; at != table->size(); at += sizeof(Elf64_Phdr)) {
    const auto segment = load_unchecked<Elf64_Phdr>(table->data() + at);
    note_protection(segment);
    if (segment.p_type != PT_LOAD && segment.p_type != PT_DYNAMIC) continue;
    const std::optional<Source> contents = source_.part(segment.p_offset, segment.p_filesz);
    if (!contents) return malformed("a segment is outside the file", header.e_phoff + at);
    if (segment.p_type == PT_LOAD) {
      parts_.push_back({segment.p_vaddr, *contents});
    } else {
      dynamic_ = contents->slice(0, contents->size());
    }
  }
  if (!dynamic_) return malformed("a shared library without a dynamic segment");
  return {};
}

void SharedLibraryReader::note_protection(const Elf64_Phdr& segment) {
  const bool writable = segment.p_type == PT_LOAD && (segment.p_flags & PF_W) != 0;
  if (!writable && segment.p_type != PT_GNU_RELRO) return;
  auto& ranges = writable ? library_.writable_ : library_.relocated_;
  ranges.push_back({segment.p_vaddr, segment.p_vaddr + segment.p_memsz});
}

void SharedLibraryReader::read_dynamic_tags() {
  for (std::uint64_t at = 0; const auto tag = dynamic_->load<Elf64_Dyn>(at); at += sizeof(Elf64_Dyn)) {
    switch (tag->d_tag) {
      case DT_NULL: return;
      case DT_SYMTAB: tags_.symbols = tag->d_un.d_ptr; break;
      case DT_STRTAB: tags_.strings = tag->d_un.d_ptr; break;
      case DT_STRSZ: tags_.strings_size = tag->d_un.d_val; break;
      case DT_VERSYM: tags_.versions = tag->d_un.d_ptr; break;
      case DT_VERDEF: tags_.version_names = tag->d_un.d_ptr; break;
      case DT_VERDEFNUM: tags_.version_count = tag->d_un.d_val; break;
      case DT_HASH: tags_.hash = tag->d_un.d_ptr; break;
      case DT_GNU_HASH: tags_.gnu_hash = tag->d_un.d_ptr; break;
      case DT_FLAGS_1: tags_.flags_1 = tag->d_un.d_val; break;
      case DT_SONAME: tags_.soname = tag->d_un.d_val; break;
      default: break;
    }
  }
}

// The file's bytes from `address` to the end of its segment; empty where no segment holds it.
Source SharedLibraryReader::at_address(std::uint64_t address) const {
  for (const LoadedPart& part : parts_) {
    if (address < part.address) continue;
    const std::uint64_t offset = address - part.address;
    if (offset < part.contents.size()) return *part.contents.part(offset, part.contents.size() - offset);
  }
  return {};
}

// The tables' ends are not recorded.
Expected<void> SharedLibraryReader::read_tables(std::uint64_t symbol_count) {
  SharedLibrary::Tables& tables = library_.tables_;
  const auto symbols = at_address(tags_.symbols).slice_at_most(0, symbol_count * sizeof(Elf64_Sym));
  const auto strings = at_address(tags_.strings).slice(0, tags_.strings_size);
  const bool has_symbols = tags_.symbols != 0 && symbols && symbols->size() >= sizeof(Elf64_Sym);
  if (!has_symbols) return malformed("no dynamic symbol table");
  if (tags_.strings == 0 || !strings) return malformed("the dynamic string table is outside the file");
  tables.symbols = *symbols;
  tables.strings = *strings;
  if (tags_.versions != 0) {
    const auto versions = at_address(tags_.versions).slice_at_most(0, symbol_count * sizeof(std::uint16_t));
    if (!versions || versions->size() == 0) return malformed("the table of symbol versions is outside the file");
    tables.versions = *versions;
  }
  if (tags_.soname) {
    const std::optional<std::string_view> soname = tables.strings.c_string(*tags_.soname);
    if (!soname) return malformed("the library's DT_SONAME is outside its string table");
    library_.soname_ = *soname;
  }
  return {};
}

// Elf64_Verdef records, each with its name in the Elf64_Verdaux that it points to, and the distance of the next one.
// The one that stands for the file itself gives symbols no version.
Expected<void> SharedLibraryReader::read_versions() {
  if (tags_.version_names == 0 || tags_.versions == 0) return {};
  const Source table = at_address(tags_.version_names);
  std::uint64_t at = 0;
  for (std::uint64_t i = 0; i < std::min<std::uint64_t>(tags_.version_count, kVersionMask); ++i) {
    const std::optional<Elf64_Verdef> version = table.load<Elf64_Verdef>(at);
    const auto name = version ? table.load<Elf64_Verdaux>(at + version->vd_aux) : std::nullopt;
    const auto text = name ? library_.tables_.strings.c_string(name->vda_name) : std::nullopt;
    if (!text) return malformed("the names of the library's versions are outside the file");
    const std::size_t number = version->vd_ndx & kVersionMask;
    if ((version->vd_flags & VER_FLG_BASE) == 0) {
      library_.versions_.resize(std::max(library_.versions_.size(), number + 1));
      library_.versions_[number] = *text;
    }
    if (version->vd_next == 0) break;
    at += version->vd_next;
  }
  return {};
}

// u32 bucket count, first hashed symbol, bloom words, bloom shift | bloom u64s | bucket u32s | chain u32s. The last
// symbol's link ends the chain of the bucket that begins last.
Expected<std::uint64_t> SharedLibraryReader::read_gnu_hash() {
  const Source table = at_address(tags_.gnu_hash);
  const std::optional<Bytes> header = table.slice(0, 4 * sizeof(std::uint32_t));
  if (!header) return malformed("the hash table of the library's symbols is outside the file");
  const auto word = [&](std::size_t i) { return load_unchecked<std::uint32_t>(header->data() + i * 4); };
  SharedLibrary::GnuHash hash{.bucket_count = word(0), .first_symbol = word(1), .bloom_size = word(2),
                              .bloom_shift = word(3), .bloom = {}, .buckets = {}, .chains = {}};
  const std::optional<Bytes> bloom = table.records(header->size(), hash.bloom_size, sizeof(std::uint64_t));
  const std::uint64_t buckets_at = header->size() + (bloom ? bloom->size() : 0);
  const std::optional<Bytes> buckets = table.records(buckets_at, hash.bucket_count, sizeof(std::uint32_t));
  if (!bloom || !buckets || bloom->size() == 0 || buckets->size() == 0) {
    return malformed("the hash table of the library's symbols is corrupt");
  }
  hash.bloom = *bloom;
  hash.buckets = *buckets;
  const std::uint64_t chains_at = buckets_at + buckets->size();
  std::uint64_t end = hash.first_symbol, last = 0;
  for (std::uint64_t i = 0; i < hash.bucket_count; ++i) {
    last = std::max<std::uint64_t>(last, load_unchecked<std::uint32_t>(buckets->data() + i * sizeof(std::uint32_t)));
  }
  if (last >= hash.first_symbol) {
    std::optional<std::uint32_t> link;
    for (end = last; !link || (*link & 1) == 0; ++end) {
      link = table.load<std::uint32_t>(chains_at + (end - hash.first_symbol) * sizeof(std::uint32_t));
      if (!link) break;
    }
  }
  const auto chains = table.slice_at_most(chains_at, (end - hash.first_symbol) * sizeof(std::uint32_t));
  if (!chains) return malformed("the hash table of the library's symbols cannot be read");
  hash.chains = *chains;
  library_.gnu_hash_ = hash;
  return end;
}

// u32 bucket count, symbol count | bucket u32s | chain u32s. Only the count is of use: names get an index of our own.
Expected<std::uint64_t> SharedLibraryReader::read_hash() {
  const std::optional<std::uint32_t> count = at_address(tags_.hash).load<std::uint32_t>(sizeof(std::uint32_t));
  if (tags_.hash == 0 || !count) return malformed("no hash table of the library's symbols");
  library_.symbol_count_ = *count;
  return *count;
}

Expected<void> SharedLibraryReader::index_symbols() {
  const auto count = static_cast<std::uint32_t>(library_.symbol_count_);
  const std::optional<Bytes> symbols = library_.tables_.symbols.records(0, count, sizeof(Elf64_Sym));
  if (!symbols) return malformed("the dynamic symbol table is outside the file");
  library_.names_.reserve(count);
  for (std::uint32_t i = 1; i < count; ++i) {
    if (!library_.definition(i)) continue;
    const auto symbol = load_unchecked<Elf64_Sym>(symbols->data() + i * sizeof(Elf64_Sym));
    const std::optional<std::string_view> name = library_.tables_.strings.c_string(symbol.st_name);
    if (!name || !library_.names_.add(*name, i)) return malformed("a symbol's name is outside the string table");
  }
  return {};
}

Expected<SharedLibrary> SharedLibraryReader::read() {
  auto kind = identify(source_.beginning(), path_);
  const std::optional<Elf64_Ehdr> header = source_.load<Elf64_Ehdr>(0);
  if (!kind) return std::unexpected(std::move(kind.error()));
  if (*kind != FileKind::kSharedLibrary) return malformed("not a shared library");
  if (!header) return malformed("the ELF header is truncated");
  library_.machine_ = header->e_machine;

  if (auto read = read_program_headers(*header); !read) return std::unexpected(std::move(read.error()));
  read_dynamic_tags();
  if ((tags_.flags_1 & kFlags1Pie) != 0) {
    return std::unexpected(Error(ErrorCode::kUnsupported, "an executable cannot be linked", {.object = path_})
                               .with_cure("link the objects that it was made from"));
  }
  auto symbol_count = tags_.gnu_hash != 0 ? read_gnu_hash() : read_hash();
  if (!symbol_count) return std::unexpected(std::move(symbol_count.error()));
  if (auto read = read_tables(std::max<std::uint64_t>(*symbol_count, 1)); !read) {
    return std::unexpected(std::move(read.error()));
  }
  if (auto read = read_versions(); !read) return std::unexpected(std::move(read.error()));
  if (tags_.gnu_hash == 0) {
    if (auto indexed = index_symbols(); !indexed) return std::unexpected(std::move(indexed.error()));
  }
  return std::move(library_);
}

Expected<SharedLibrary> SharedLibrary::open(Source source, const std::string& path) {
  return SharedLibraryReader(source, path).read();
}

bool SharedLibrary::is_named(std::uint64_t index, std::string_view name) const {
  const auto symbol = tables_.symbols.load<Elf64_Sym>(index * sizeof(Elf64_Sym));
  if (!symbol) return false;
  const std::optional<Bytes> text = tables_.strings.slice(symbol->st_name, name.size() + 1);
  return text && text->text().back() == '\0' && text->text().starts_with(name);
}

std::string_view SharedLibrary::version_at(std::uint64_t index) const {
  const auto version = tables_.versions.load<std::uint16_t>(index * sizeof(std::uint16_t));
  const std::size_t number = version ? *version & kVersionMask : 0;
  return number < versions_.size() ? versions_[number] : std::string_view();
}

std::optional<SharedSymbol> SharedLibrary::any_definition(std::uint64_t index) const {
  const auto symbol = tables_.symbols.load<Elf64_Sym>(index * sizeof(Elf64_Sym));
  if (!symbol || symbol->st_shndx == SHN_UNDEF) return std::nullopt;
  const unsigned binding = ELF64_ST_BIND(symbol->st_info);
  const unsigned visibility = ELF64_ST_VISIBILITY(symbol->st_other);
  if (binding == STB_LOCAL || visibility == STV_HIDDEN || visibility == STV_INTERNAL) return std::nullopt;
  return SharedSymbol{.type = type_of(symbol->st_info), .weak = binding == STB_WEAK, .size = symbol->st_size,
                      .value = symbol->st_value};
}

std::optional<SharedSymbol> SharedLibrary::definition(std::uint64_t index) const {
  std::optional<SharedSymbol> found = any_definition(index);
  if (!found || tables_.versions.size() == 0) return found;
  const auto version = tables_.versions.load<std::uint16_t>(index * sizeof(std::uint16_t));
  if (!version || (*version & kHiddenVersion) != 0 || *version == VER_NDX_LOCAL) return std::nullopt;
  found->version = version_at(index);
  return found;
}

// The Bloom filter first: most names asked for are not here. A chain ends with a hash whose low bit is set, or, when it
// lies, with the table.
template <class Accept>
std::optional<SharedSymbol> SharedLibrary::find_hashed(std::string_view name, const Accept& accept) const {
  const GnuHash& table = *gnu_hash_;
  const std::uint32_t hash = gnu_hash_of(name);
  const std::uint64_t bloom_index = hash / 64 % table.bloom_size;
  const auto bloom = load_unchecked<std::uint64_t>(table.bloom.data() + bloom_index * sizeof(std::uint64_t));
  if ((bloom >> (hash % 64) & bloom >> ((hash >> (table.bloom_shift % 32)) % 64) & 1) == 0) return std::nullopt;

  const std::uint64_t bucket = hash % table.bucket_count;
  const auto first = load_unchecked<std::uint32_t>(table.buckets.data() + bucket * sizeof(std::uint32_t));
  if (first < table.first_symbol) return std::nullopt;
  for (std::uint64_t index = first;; ++index) {
    const auto link = table.chains.load<std::uint32_t>((index - table.first_symbol) * sizeof(std::uint32_t));
    if (!link) return std::nullopt;
    if ((*link | 1) == (hash | 1) && is_named(index, name)) {
      if (auto found = accept(index)) return found;
    }
    if ((*link & 1) != 0) return std::nullopt;
  }
}

// Calls visit(index) for each symbol that others may bind to.
template <class Visit>
void SharedLibrary::each_symbol(const Visit& visit) const {
  if (!gnu_hash_) {
    for (std::uint64_t i = 1; i < symbol_count_; ++i) visit(i);
    return;
  }
  const GnuHash& table = *gnu_hash_;
  std::uint64_t left = table.chains.size() / sizeof(std::uint32_t);  // chains that lie may cross
  for (std::uint64_t bucket = 0; bucket < table.bucket_count; ++bucket) {
    std::uint64_t index = load_unchecked<std::uint32_t>(table.buckets.data() + bucket * sizeof(std::uint32_t));
    if (index < table.first_symbol) continue;
    for (; left != 0; ++index, --left) {
      const auto link = table.chains.load<std::uint32_t>((index - table.first_symbol) * sizeof(std::uint32_t));
      if (!link) break;
      visit(index);
      if ((*link & 1) != 0) break;
    }
  }
}

std::optional<SharedSymbol> SharedLibrary::find(std::string_view name) const {
  if (gnu_hash_) return find_hashed(name, [&](std::uint64_t index) { return definition(index); });
  const std::optional<std::uint32_t> index = names_.find(name);
  return index ? definition(*index) : std::nullopt;
}

std::optional<SharedSymbol> SharedLibrary::find(std::string_view name, std::string_view version) const {
  std::optional<SharedSymbol> found;
  const auto accept = [&](std::uint64_t index) -> std::optional<SharedSymbol> {
    if (version_at(index) != version) return std::nullopt;
    std::optional<SharedSymbol> symbol = any_definition(index);
    if (symbol) symbol->version = version;
    return symbol;
  };
  if (gnu_hash_) return find_hashed(name, accept);
  each_symbol([&](std::uint64_t index) {
    if (!found && is_named(index, name)) found = accept(index);
  });
  return found;
}

std::vector<std::string_view> SharedLibrary::versions_of(std::string_view name) const {
  std::vector<std::string_view> versions;
  each_symbol([&](std::uint64_t index) {
    if (is_named(index, name) && any_definition(index) && !version_at(index).empty()) {
      versions.push_back(version_at(index));
    }
  });
  return versions;
}

std::vector<std::string_view> SharedLibrary::names_at(std::uint64_t value) const {
  if (by_value_.empty()) {
    each_symbol([&](std::uint64_t index) {
      const std::optional<SharedSymbol> symbol = definition(index);
      if (symbol && symbol->type != SharedSymbolType::kTls) by_value_.emplace_back(symbol->value, index);
    });
    std::ranges::sort(by_value_);
  }
  std::vector<std::string_view> names;
  auto found = std::ranges::lower_bound(by_value_, std::pair(value, std::uint64_t{0}));
  for (; found != by_value_.end() && found->first == value; ++found) {
    const auto record = tables_.symbols.load<Elf64_Sym>(found->second * sizeof(Elf64_Sym));
    if (const auto name = tables_.strings.c_string(record->st_name)) names.push_back(*name);
  }
  return names;
}

bool SharedLibrary::is_read_only(std::uint64_t value) const {
  const auto holds = [&](const Range& range) { return value >= range.begin && value < range.end; };
  return std::ranges::none_of(writable_, holds) || std::ranges::any_of(relocated_, holds);
}

}  // namespace enfold::read
