// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//    file, memory   | headers, symbols, hash table, names, relocations, code | dynamic section, rows, variables |
//                   R-X                                                        RW-
//
// A row says where a variable is in the C library, where its copy is, and how large both are. The first is a distance
// from a function of the C library, as the variable's own names lead to the copy. The last relocation calls the code,
// as the resolver of an indirect function, which copies by the rows; one of nulls ends them.
#include "library_variables.h"

#include <gnu/libc-version.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>

#include <dlfcn.h>
#include <elf.h>
#include <link.h>

#include "elf_hash.h"
#include "runtime/dynamic_file.h"
#include "runtime/host_names.h"
#include "runtime/loader_call.h"
#include "runtime/versioned_name.h"

namespace tool {
namespace {

namespace runtime = enfold::runtime;

constexpr char kAnchor[] = "gnu_get_libc_version";
constexpr char kCLibrary[] = "libc.so.6";
constexpr std::uint64_t kLowEnd = std::uint64_t{1} << 31;

std::uint64_t anchor() { return reinterpret_cast<std::uint64_t>(&::gnu_get_libc_version); }

struct Variable {
  std::uint64_t address = 0, size = 0;
};

// The C library's own, whatever is preloaded.
std::optional<Variable> find_variable(const std::string& name) {
  const runtime::LoaderCall call;
  void* const library = ::dlopen(kCLibrary, RTLD_LAZY | RTLD_NOLOAD);
  if (library == nullptr) return std::nullopt;
  void* const address = ::dlsym(library, name.c_str());
  ::dlclose(library);
  Dl_info info{}, of_library{};
  ElfW(Sym)* symbol = nullptr;
  if (address == nullptr || ::dladdr(reinterpret_cast<void*>(anchor()), &of_library) == 0) return std::nullopt;
  if (::dladdr1(address, &info, reinterpret_cast<void**>(&symbol), RTLD_DL_SYMENT) == 0) return std::nullopt;
  if (symbol == nullptr || info.dli_fbase != of_library.dli_fbase || info.dli_saddr != address) return std::nullopt;
  if (ELF64_ST_TYPE(symbol->st_info) != STT_OBJECT || symbol->st_size == 0) return std::nullopt;
  return Variable{reinterpret_cast<std::uint64_t>(address), symbol->st_size};
}

bool is_out_of_reach(const std::string& name) {
  const runtime::LoaderCall call;
  return reinterpret_cast<std::uint64_t>(::dlsym(RTLD_DEFAULT, name.c_str())) >= kLowEnd;
}

#if defined(__x86_64__)

constexpr std::uint64_t kBase = 0x1000'0000;
constexpr ElfW(Half) kSomeSection = 1;  // there are no sections: any number says "defined, and not absolute"
constexpr std::size_t kSegmentCount = 4;

struct Row {
  std::uint64_t from = 0, to = 0, size = 0;
};

constexpr std::array<unsigned char, 39> kCopy = {
    0xf3, 0x0f, 0x1e, 0xfa,        // endbr64
    0x48, 0x8d, 0x15, 0, 0, 0, 0,  // lea rows(%rip), %rdx
    0x48, 0x8b, 0x32,              // next: mov (%rdx), %rsi
    0x48, 0x85, 0xf6,              // test %rsi, %rsi
    0x74, 0x10,                    // je end
    0x48, 0x8b, 0x7a, 0x08,        // mov 8(%rdx), %rdi
    0x48, 0x8b, 0x4a, 0x10,        // mov 16(%rdx), %rcx
    0xf3, 0xa4,                    // rep movsb
    0x48, 0x83, 0xc2, 0x18,        // add $24, %rdx
    0xeb, 0xe8,                    // jmp next
    0x48, 0x89, 0xd0,              // end: mov %rdx, %rax
    0xc3,                          // ret
};
constexpr std::uint64_t kRowsField = 7;

struct Named {
  std::string name;
  std::size_t variable = 0;
  std::uint32_t hash = 0;
};

class VariablesWriter {
 public:
  explicit VariablesWriter(std::vector<Variable> variables) : variables_(std::move(variables)) {
    for (std::size_t i = 0; i < variables_.size(); ++i) {
      for (std::string& name : runtime::host_names_at(variables_[i].address)) {
        const std::uint32_t hash = enfold::gnu_hash_of(name);
        names_.push_back({std::move(name), i, hash});
      }
    }
  }

  std::vector<std::byte> write() {
    file_.append(ElfW(Ehdr){});
    segments_at_ = file_.append(std::vector<ElfW(Phdr)>(kSegmentCount).data(), kSegmentCount);
    const runtime::HashTable table(names_.size());
    std::ranges::stable_sort(names_, {}, [&](const Named& named) { return table.bucket_of(named.hash); });
    std::vector<ElfW(Sym)> symbols = make_symbols();
    const std::uint64_t symbols_at = file_.append(symbols.data(), symbols.size());
    note(DT_SYMTAB, kBase + symbols_at);
    note(DT_SYMENT, sizeof(ElfW(Sym)));
    write_hash(table);
    note(DT_STRTAB, kBase + file_.append(strings_.bytes().data(), strings_.bytes().size()));
    note(DT_STRSZ, strings_.bytes().size());
    const std::size_t count = 2 * variables_.size() + 1;
    const std::uint64_t relocations_at = file_.append(std::vector<ElfW(Rela)>(count).data(), count);
    note(DT_RELA, kBase + relocations_at);
    note(DT_RELASZ, count * sizeof(ElfW(Rela)));
    note(DT_RELAENT, sizeof(ElfW(Rela)));
    const std::uint64_t code_at = file_.append(kCopy.data(), kCopy.size(), 16);
    code_end_ = file_.size();
    write_data(code_at, relocations_at);
    place_symbols(symbols, symbols_at);
    write_headers();
    return file_.take();
  }

 private:
  void note(std::int64_t tag, std::uint64_t value) { dynamic_.push_back(runtime::dynamic_entry(tag, value)); }

  // The null symbol, the anchor, and names in the order of the hash table.
  std::vector<ElfW(Sym)> make_symbols() {
    std::vector<ElfW(Sym)> symbols(1);
    symbols.push_back(runtime::wanted_symbol(strings_.keep(kAnchor), STB_GLOBAL, STT_FUNC));
    for (const Named& named : names_) {
      ElfW(Sym) symbol = runtime::wanted_symbol(strings_.keep(named.name), STB_GLOBAL, STT_OBJECT);
      symbol.st_shndx = kSomeSection;
      symbol.st_size = variables_[named.variable].size;
      symbols.push_back(symbol);
    }
    return symbols;
  }

  void write_hash(const runtime::HashTable& table) {
    std::vector<std::uint32_t> hashes(names_.size());
    std::ranges::transform(names_, hashes.begin(), &Named::hash);
    const std::vector<std::uint32_t> words = table.words(hashes, kFirstName);
    note(DT_GNU_HASH, kBase + file_.append(words.data(), words.size(), 8));
  }

  // On pages of their own.
  void write_data(std::uint64_t code_at, std::uint64_t relocations_at) {
    note(DT_NULL, 0);
    data_at_ = file_.append(dynamic_.data(), dynamic_.size(), runtime::kLoadPageSize);
    const std::size_t count = variables_.size();
    const std::uint64_t rows_at = file_.append(std::vector<Row>(count + 1).data(), count + 1);
    const std::uint64_t resolved_at = file_.append(std::uint64_t{0});
    std::vector<ElfW(Rela)> relocations;
    for (std::size_t i = 0; i < count; ++i) {
      const Variable& variable = variables_[i];
      const std::vector<std::byte> zeros(variable.size);
      copies_.push_back(kBase + file_.append(zeros.data(), zeros.size(), kCopyAlignment));
      const std::uint64_t row = rows_at + i * sizeof(Row);
      file_.put(row + offsetof(Row, size), variable.size);
      relocations.push_back({kBase + row + offsetof(Row, from), ELF64_R_INFO(1, R_X86_64_64),
                             static_cast<std::int64_t>(variable.address - anchor())});
      relocations.push_back({kBase + row + offsetof(Row, to), ELF64_R_INFO(0, R_X86_64_RELATIVE),
                             static_cast<std::int64_t>(copies_.back())});
    }
    relocations.push_back({kBase + resolved_at, ELF64_R_INFO(0, R_X86_64_IRELATIVE),
                           static_cast<std::int64_t>(kBase + code_at)});
    for (std::size_t i = 0; i < relocations.size(); ++i) {
      file_.put(relocations_at + i * sizeof(ElfW(Rela)), relocations[i]);
    }
    const std::uint64_t field = code_at + kRowsField;
    file_.put(field, static_cast<std::int32_t>(rows_at - (field + sizeof(std::int32_t))));
  }

  void place_symbols(std::vector<ElfW(Sym)>& symbols, std::uint64_t symbols_at) {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      symbols[kFirstName + i].st_value = copies_[names_[i].variable];
    }
    for (std::size_t i = 0; i < symbols.size(); ++i) file_.put(symbols_at + i * sizeof(ElfW(Sym)), symbols[i]);
  }

  void write_headers() {
    file_.put(0, runtime::file_header(segments_at_, kSegmentCount));
    constexpr std::uint64_t kPage = runtime::kLoadPageSize;
    const std::uint64_t data_size = file_.size() - data_at_, dynamic_size = dynamic_.size() * sizeof(ElfW(Dyn));
    put_segment(0, runtime::segment_header(PT_LOAD, PF_R | PF_X, code_end_, code_end_, kPage), 0);
    put_segment(1, runtime::segment_header(PT_LOAD, PF_R | PF_W, data_size, data_size, kPage), data_at_);
    put_segment(2, runtime::segment_header(PT_DYNAMIC, PF_R | PF_W, dynamic_size, dynamic_size, 8), data_at_);
    put_segment(3, runtime::segment_header(PT_GNU_STACK, PF_R | PF_W, 0, 0, 16), 0);
  }

  void put_segment(std::size_t i, const ElfW(Phdr) & segment, std::uint64_t at) {
    file_.put(segments_at_ + i * sizeof segment, runtime::segment_in_file(segment, at, kBase));
  }

  static constexpr std::size_t kFirstName = 2;
  static constexpr std::uint64_t kCopyAlignment = 64;

  const std::vector<Variable> variables_;
  std::vector<Named> names_;
  runtime::GrowingFile file_;
  runtime::NameTable strings_;
  std::vector<ElfW(Dyn)> dynamic_;
  std::vector<std::uint64_t> copies_;  // addresses, by variable
  std::uint64_t segments_at_ = 0, code_end_ = 0, data_at_ = 0;
};

#endif

void add_variable(const enfold::Error& error, std::vector<std::string>& names) {
  if (error.code() != enfold::ErrorCode::kOutOfRange || error.place().symbol.empty()) return;
  std::string name(runtime::split(error.place().symbol).name);
  if (std::ranges::find(names, name) != names.end() || !is_out_of_reach(name) || !find_variable(name)) return;
  names.push_back(std::move(name));
}

}  // namespace

std::vector<std::string> variables_out_of_reach(const enfold::Error& error) {
  std::vector<std::string> names;
  // A sanitizer's run time has to be the first that is loaded.
  for (const char* const sanitizer : {"__asan_init", "__tsan_init", "__hwasan_init"}) {
    if (::dlsym(RTLD_DEFAULT, sanitizer) != nullptr) return names;
  }
  add_variable(error, names);
  for (const enfold::Error& cause : error.causes()) add_variable(cause, names);
  return names;
}

std::vector<std::byte> object_of_variables(const std::vector<std::string>& names) {
#if defined(__x86_64__)
  std::vector<Variable> variables;
  for (const std::string& name : names) {
    const std::optional<Variable> variable = find_variable(name);
    const auto same = [&](const Variable& other) { return other.address == variable->address; };
    if (variable && std::ranges::none_of(variables, same)) variables.push_back(*variable);
  }
  if (!variables.empty()) return VariablesWriter(std::move(variables)).write();
#endif
  return {};
}

}  // namespace tool
