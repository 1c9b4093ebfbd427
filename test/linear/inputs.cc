// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <elf.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "lists.h"

namespace enfold::linear {
namespace {

// The hash of libstdc++'s std::hash<std::string> (MurmurHash64A) takes words of eight bytes, each of which can be
// chosen so that the state becomes any: hash ^= mix(word * m) * m; hash *= m.
constexpr std::uint64_t kMultiplier = 0xc6a4'a793'5bd1'e995, kSeed = 0xc70f'6907;

constexpr std::uint64_t inverse_of(std::uint64_t odd) {
  std::uint64_t x = odd;
  for (int i = 0; i < 6; ++i) x *= 2 - odd * x;
  return x;
}

constexpr std::uint64_t mix(std::uint64_t v) { return v ^ (v >> 47); }

std::string with_one_std_hash(std::uint32_t number) {
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "f%07x", number);
  std::uint64_t first = 0;
  std::memcpy(&first, text.data(), sizeof first);
  const std::uint64_t state = (kSeed ^ (16 * kMultiplier) ^ (mix(first * kMultiplier) * kMultiplier)) * kMultiplier;
  // mix() is its own inverse, as it moves by more than half of the bits.
  const std::uint64_t second = mix((state ^ 0x1234'5678'9abc'def0) * inverse_of(kMultiplier)) * inverse_of(kMultiplier);
  std::memcpy(text.data() + sizeof first, &second, sizeof second);
  return {text.data(), 16};
}

bool is_fit(std::string_view name) {
  return std::ranges::none_of(name, [](char c) { return c == '\0' || c == '@' || c == '/' || c == '\n' || c == '.'; });
}

// "Ez" and "FY" are the same to a hash that multiplies by 33.
std::string with_one_gnu_hash(std::uint32_t number) {
  std::string name;
  for (unsigned bit = 0; bit < 24; ++bit) name += (number >> bit & 1) != 0 ? "Ez" : "FY";
  return name;
}

}  // namespace

void require(bool holds, const std::string& otherwise) {
  if (holds) return;
  std::fprintf(stderr, "enfold-linear: error: %s\n", otherwise.c_str());
  std::_Exit(1);
}

Bytes bytes_of_text(std::string_view text) {
  const auto* begin = reinterpret_cast<const std::byte*>(text.data());
  return {begin, begin + text.size()};
}

Bytes returning_code(std::size_t size) { return Bytes(size, std::byte{0xc3}); }

std::vector<std::string> names(std::uint32_t n, Naming naming) {
  const std::uint64_t slots = std::bit_ceil(std::uint64_t{n} * 2), stretch = slots / 256;
  std::vector<std::string> all;
  for (std::uint32_t i = 0; all.size() < n; ++i) {
    std::string name;
    switch (naming) {
      case Naming::kPlain:
        name = "f" + std::to_string(i);
        break;
      case Naming::kOneStdHash:
        name = with_one_std_hash(i);
        break;
      case Naming::kOneGnuHash:
        name = with_one_gnu_hash(i);
        break;
      case Naming::kNeighbours:
        name = "s" + std::to_string(i);
        if ((XXH3_64bits(name.data(), name.size()) & (slots - 1)) >= stretch) continue;
        break;
    }
    if (is_fit(name)) all.push_back(std::move(name));
  }
  if (naming == Naming::kOneStdHash && n > 1) {
    require(std::hash<std::string>()(all.front()) == std::hash<std::string>()(all.back()), "names of several hashes");
  }
  return all;
}

Bytes build(const ElfBuilder& builder) { return builder.build().bytes(); }

std::uint32_t add_code(ElfBuilder& builder, std::size_t size, std::string name) {
  return builder.add_section({.name = std::move(name), .contents = returning_code(size)});
}

std::uint32_t add_function(ElfBuilder& builder, std::string_view name, std::uint32_t section, std::uint64_t value) {
  return builder.add_symbol(name, fuzz::kGlobalFunction, static_cast<std::uint16_t>(section), value);
}

Bytes object_that_calls(const std::vector<std::string>& names) {
  ElfBuilder b;
  const std::uint32_t code = add_code(b, names.size() * 8 + 8);
  std::vector<Elf64_Rela> uses;
  for (const std::string& name : names) {
    const std::uint32_t symbol = b.add_symbol(name, fuzz::kGlobalNone, SHN_UNDEF);
    uses.push_back(rela(uses.size() * 8, symbol, R_X86_64_PLT32, -4));
  }
  b.add_relocations(code, uses);
  return build(b);
}

Bytes object_that_defines(const std::vector<std::string>& names, bool own_sections) {
  ElfBuilder b;
  std::uint32_t code = own_sections ? 0 : add_code(b, names.size() * 8);
  std::uint64_t at = 0;
  for (const std::string& name : names) {
    if (own_sections) code = add_code(b, 8);
    add_function(b, name, code, own_sections ? 0 : at);
    at += 8;
  }
  return build(b);
}

namespace {

std::string member_header(std::string name, std::size_t size) {
  name.resize(16, ' ');
  std::string header = name + "0           0     0     644     " + std::to_string(size);
  header.resize(58, ' ');
  return header + "`\n";
}

}  // namespace

Bytes archive_of(const std::vector<Member>& members) {
  std::size_t count = 0, names_size = 0;
  for (const Member& member : members) {
    count += member.names.size();
    for (const std::string& name : member.names) names_size += name.size() + 1;
  }
  const std::size_t index_size = 4 + 4 * count + names_size, padded = index_size + index_size % 2;
  std::string index, all_names, contents;
  const auto put = [&](std::size_t n) {
    for (int shift = 24; shift >= 0; shift -= 8) index += static_cast<char>(n >> shift);
  };
  put(count);
  for (const Member& member : members) {
    for (const std::string& name : member.names) {
      put(8 + 60 + padded + contents.size());
      all_names += name + '\0';
    }
    std::string bytes(reinterpret_cast<const char*>(member.bytes.data()), member.bytes.size());
    if (bytes.size() % 2 != 0) bytes += '\n';
    contents += member_header("m.o/", bytes.size()) + bytes;
  }
  index += all_names;
  index.resize(padded, '\n');
  return bytes_of_text("!<arch>\n" + member_header("/", padded) + index + contents);
}

// One segment of the whole file: header, program headers, dynamic section, symbols, names, System V's hash table.
Bytes library_of(std::string_view soname, const std::vector<std::string>& functions) {
  std::string strings(1, '\0');
  const auto add_name = [&](std::string_view name) {
    const std::size_t at = strings.size();
    strings.append(name).push_back('\0');
    return static_cast<Elf64_Word>(at);
  };
  const Elf64_Word own_name = add_name(soname);
  std::vector<Elf64_Sym> symbols(1);
  std::vector<std::uint32_t> hash = {1, static_cast<std::uint32_t>(functions.size() + 1), functions.empty() ? 0u : 1u,
                                     0};
  for (const std::string& name : functions) {
    symbols.push_back({.st_name = add_name(name),
                       .st_info = fuzz::kGlobalFunction,
                       .st_other = 0,
                       .st_shndx = 1,
                       .st_value = 0x40,
                       .st_size = 1});
    hash.push_back(static_cast<std::uint32_t>(symbols.size() < functions.size() + 1 ? symbols.size() : 0));
  }
  constexpr std::size_t kProgramHeaders = sizeof(Elf64_Ehdr), kDynamic = kProgramHeaders + 2 * sizeof(Elf64_Phdr);
  constexpr std::size_t kEntries = 7, kSymbols = kDynamic + kEntries * sizeof(Elf64_Dyn);
  const std::size_t hash_at = kSymbols + symbols.size() * sizeof(Elf64_Sym);
  const std::size_t strings_at = hash_at + hash.size() * sizeof(std::uint32_t), size = strings_at + strings.size();
  Bytes file(size);
  const auto put = [&](std::size_t at, const void* what, std::size_t n) { std::memcpy(file.data() + at, what, n); };
  Elf64_Ehdr e = fuzz::elf_header(ET_DYN);
  e.e_version = EV_CURRENT;
  e.e_phoff = kProgramHeaders;
  e.e_ehsize = sizeof(Elf64_Ehdr);
  e.e_phentsize = sizeof(Elf64_Phdr);
  e.e_phnum = 2;
  const Elf64_Phdr headers[] = {{PT_LOAD, PF_R | PF_W, 0, 0, 0, size, size, 4096},
                                {PT_DYNAMIC, PF_R | PF_W, kDynamic, kDynamic, kDynamic, kEntries * sizeof(Elf64_Dyn),
                                 kEntries * sizeof(Elf64_Dyn), 8}};
  const Elf64_Dyn dynamic[kEntries] = {{DT_SONAME, {own_name}},
                                       {DT_HASH, {hash_at}},
                                       {DT_SYMTAB, {kSymbols}},
                                       {DT_STRTAB, {strings_at}},
                                       {DT_STRSZ, {strings.size()}},
                                       {DT_SYMENT, {sizeof(Elf64_Sym)}},
                                       {DT_NULL, {0}}};
  put(0, &e, sizeof e);
  put(kProgramHeaders, headers, sizeof headers);
  put(kDynamic, dynamic, sizeof dynamic);
  put(kSymbols, symbols.data(), symbols.size() * sizeof(Elf64_Sym));
  put(hash_at, hash.data(), hash.size() * sizeof(std::uint32_t));
  put(strings_at, strings.data(), strings.size());
  return file;
}

// ---- Work

std::unique_ptr<Session> new_session(SessionOptions options) {
  options.thread_count = 1;  // a thread more from some length on would be a step
  return must(Session::create(std::move(options)));
}

namespace {

ObjectSet set_of(const std::vector<File>& files, const SetOptions& options) {
  ObjectSet set("set");
  set.options() = options;
  for (const File& file : files) {
    if (file.bytes.empty()) {
      set.add_file(file.name);
    } else {
      set.add_bytes(file.bytes, file.name);
    }
  }
  return set;
}

void describe_all(const Session& session, const LinkedSet& set) {
  AddressNote note;
  for (const PlannedSegment& segment : set.plan().segments) {
    for (std::uint64_t at = 0; at < segment.size; at += 16) {
      static_cast<void>(session.describe(TargetAddr{value(segment.base) + at}, note));
    }
  }
}

void look_up_all(const Session& session, const LinkedSet& set) {
  for (const PlannedSymbol& symbol : set.plan().symbols) {
    static_cast<void>(set.address(symbol.name));
    static_cast<void>(session.address(symbol.name));
  }
}

}  // namespace

Work work_on(std::vector<File> files, SetOptions options, Outcome outcome) {
  return [files = std::move(files), options = std::move(options), outcome] {
    SessionOptions session_options;
    session_options.detail = Detail::kSections;
    session_options.symbols = SymbolDetail::kAll;
    const auto session = new_session(std::move(session_options));
    const Expected<Plan> plan = session->plan(set_of(files, options));
    require(plan || (outcome == Outcome::kRefused && !plan.error().text().empty()), plan ? "" : plan.error().text());
    if (outcome == Outcome::kPlanned) return;
    Expected<LinkedSet> set = session->link(set_of(files, options));
    require(set.has_value() == (outcome == Outcome::kLinked), set ? "nothing is refused" : set.error().text());
    if (!set) return;
    look_up_all(*session, *set);
    describe_all(*session, *set);
    require(set->unload().has_value(), "the set stays");
  };
}

Work work_on(Bytes object, SetOptions options, Outcome outcome) {
  std::vector<File> files;
  files.push_back({"list.o", std::move(object)});
  return work_on(std::move(files), std::move(options), outcome);
}

}  // namespace enfold::linear
