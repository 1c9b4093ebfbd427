// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A carrier's file (gABI, "Program Loading and Dynamic Linking"): what a loader asks for and no more. It has no section
// headers, exports nothing, and lies in memory as it lies in the file, in one writable segment:
//
//    ELF header, program headers | reports | dynamic section | names, symbols, hash table, versions | distances |
//    relocations | image
//
// Only a relocation for the distance from the thread pointer makes the loader place a block in static storage;
// DF_STATIC_TLS alone does not.
#include <algorithm>
#include <cstring>
#include <string_view>

#include <elf.h>
#include <link.h>

#include "elf_hash.h"
#include "runtime/thread_carrier.h"

namespace enfold::runtime {
namespace {

#if defined(__x86_64__)
constexpr ElfW(Half) kMachine = EM_X86_64;
constexpr std::uint32_t kModuleOf = R_X86_64_DTPMOD64, kDistanceOf = R_X86_64_TPOFF64;
#elif defined(__aarch64__)
constexpr ElfW(Half) kMachine = EM_AARCH64;
constexpr std::uint32_t kModuleOf = R_AARCH64_TLS_DTPMOD, kDistanceOf = R_AARCH64_TLS_TPREL;
#elif defined(__riscv) && __riscv_xlen == 64
constexpr ElfW(Half) kMachine = EM_RISCV;
constexpr std::uint32_t kModuleOf = R_RISCV_TLS_DTPMOD64, kDistanceOf = R_RISCV_TLS_TPREL64;
#endif

constexpr std::uint64_t kPageSize = 4096;
constexpr ElfW(Half) kAnyVersion = 1;          // 0 is local
constexpr ElfW(Half) kFirstImportVersion = 2;
constexpr std::size_t kDynamicCount = 20;      // beside libraries

// Grows a file; a place in it is an offset.
class Writer {
 public:
  template <class T>
  std::uint64_t append(const T* values, std::size_t count, std::uint64_t alignment = alignof(T)) {
    const std::uint64_t at = (bytes_.size() + alignment - 1) & ~(alignment - 1);
    bytes_.resize(at + count * sizeof(T));
    if (count != 0) std::memcpy(bytes_.data() + at, values, count * sizeof(T));
    return at;
  }
  template <class T>
  std::uint64_t append(const T& value) {
    return append(&value, 1);
  }
  template <class T>
  void put(std::uint64_t at, const T& value) {
    std::memcpy(bytes_.data() + at, &value, sizeof value);
  }
  std::uint64_t size() const { return bytes_.size(); }
  std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

class CarrierWriter {
 public:
  explicit CarrierWriter(const CarrierSpec& spec) : spec_(spec) {
    for (const std::string& import : spec.imports) {
      const std::size_t at = import.find('@');
      const std::size_t version = at == std::string::npos ? at : import.find_first_not_of('@', at);
      imports_.push_back({.name = import.substr(0, at),
                          .version = version == std::string::npos ? std::string() : import.substr(version)});
    }
  }

  CarrierFile write(std::uint64_t serial) {
    header_at_ = file_.append(ElfW(Ehdr){});
    segments_at_ = file_.append(std::vector<ElfW(Phdr)>(kSegmentCount).data(), kSegmentCount);
    // In one place in all carriers, and in their first page: it is looked for in what may be another one.
    const std::uint64_t reports = file_.append(CarrierReports{.serial = serial});
    dynamic_at_ = file_.append(std::vector<ElfW(Dyn)>(dynamic_count()).data(), dynamic_count());
    write_names();
    write_symbols();
    write_versions();
    write_relocations(reports);
    write_constructor();
    const std::uint64_t image = write_image();
    write_dynamic();
    write_headers(image);
    return {.bytes = file_.take(), .reports = reports};
  }

 private:
  static constexpr std::size_t kSegmentCount = 4;

  struct Import {
    std::string name, version;
    std::uint32_t name_at = 0, version_at = 0;
  };

  std::size_t dynamic_count() const { return kDynamicCount + spec_.libraries.size(); }

  std::uint32_t keep_name(const std::string& name) {
    const auto at = static_cast<std::uint32_t>(names_.size());
    names_.append(name).push_back('\0');
    return at;
  }

  void write_names() {
    names_.push_back('\0');
    for (Import& import : imports_) {
      import.name_at = keep_name(import.name);
      import.version_at = keep_name(import.version);
    }
    version_file_name_ = keep_name("libc.so.6");  // any object that is loaded: the version is looked for in all
    for (const std::string& library : spec_.libraries) note(DT_NEEDED, keep_name(library));
    const std::uint64_t at = file_.append(names_.data(), names_.size());
    note(DT_STRTAB, at);
    note(DT_STRSZ, names_.size());
  }

  // The null symbol, and those to import. The hash table's one bucket is empty: nothing is exported.
  void write_symbols() {
    std::vector<ElfW(Sym)> symbols(1);
    for (const Import& import : imports_) {
      ElfW(Sym) symbol{};
      symbol.st_name = import.name_at;
      symbol.st_info = ELF64_ST_INFO(spec_.optional ? STB_WEAK : STB_GLOBAL, STT_TLS);
      symbols.push_back(symbol);
    }
    note(DT_SYMTAB, file_.append(symbols.data(), symbols.size()));
    note(DT_SYMENT, sizeof(ElfW(Sym)));
    std::vector<std::uint32_t> hash(2 + 1 + symbols.size());
    hash[0] = 1;
    hash[1] = static_cast<std::uint32_t>(symbols.size());
    note(DT_HASH, file_.append(hash.data(), hash.size(), 8));
  }

  void write_versions() {
    std::vector<ElfW(Half)> versions{0};
    std::vector<ElfW(Vernaux)> wanted;
    for (const Import& import : imports_) {
      versions.push_back(kAnyVersion);
      if (import.version.empty()) continue;
      versions.back() = static_cast<ElfW(Half)>(kFirstImportVersion + wanted.size());
      ElfW(Vernaux) version{};
      version.vna_hash = sysv_hash_of(import.version);
      version.vna_flags = VER_FLG_WEAK;  // that file need not define it
      version.vna_other = versions.back();
      version.vna_name = import.version_at;
      version.vna_next = sizeof version;
      wanted.push_back(version);
    }
    if (wanted.empty()) return;
    wanted.back().vna_next = 0;
    note(DT_VERSYM, file_.append(versions.data(), versions.size()));
    ElfW(Verneed) need{};
    need.vn_version = VER_NEED_CURRENT;
    need.vn_cnt = static_cast<ElfW(Half)>(wanted.size());
    need.vn_file = version_file_name_;
    need.vn_aux = sizeof need;
    note(DT_VERNEED, file_.append(need));
    note(DT_VERNEEDNUM, 1);
    file_.append(wanted.data(), wanted.size(), alignof(ElfW(Verneed)));
  }

  void write_relocations(std::uint64_t reports) {
    std::vector<ElfW(Rela)> relocations;
    const auto report_on = [&](ElfW(Xword) symbol) {
      relocations.push_back({reports + offsetof(CarrierReports, module), ELF64_R_INFO(symbol, kModuleOf), 0});
      if (!spec_.is_static) return;
      relocations.push_back({reports + offsetof(CarrierReports, tp_offset), ELF64_R_INFO(symbol, kDistanceOf), 0});
    };
    if (has_block()) report_on(0);
    const std::uint64_t distances = file_.append(std::vector<std::uint64_t>(imports_.size()).data(), imports_.size());
    for (std::size_t i = 0; i < imports_.size(); ++i) {
      if (i == 0 && !has_block()) {
        report_on(1);
      } else {
        relocations.push_back({distances + i * sizeof(std::uint64_t), ELF64_R_INFO(i + 1, kDistanceOf), 0});
      }
    }
    if (relocations.empty()) return;
    note(DT_RELA, file_.append(relocations.data(), relocations.size()));
    note(DT_RELASZ, relocations.size() * sizeof(ElfW(Rela)));
    note(DT_RELAENT, sizeof(ElfW(Rela)));
    if (spec_.is_static) note(DT_FLAGS, DF_STATIC_TLS);
  }

  // An address as it is: there is no relocation against it.
  void write_constructor() {
    if (spec_.constructor == nullptr) return;
    note(DT_INIT_ARRAY, file_.append(spec_.constructor));
    note(DT_INIT_ARRAYSZ, sizeof spec_.constructor);
  }

  std::uint64_t write_image() {
    const std::span<const std::byte> bytes = spec_.image.bytes;
    return file_.append(bytes.data(), bytes.size(), alignment());
  }

  void write_dynamic() {
    for (std::size_t i = 0; i < dynamic_.size(); ++i) file_.put(dynamic_at_ + i * sizeof(ElfW(Dyn)), dynamic_[i]);
  }

  void write_headers(std::uint64_t image) {
    ElfW(Ehdr) header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_ident[EI_VERSION] = EV_CURRENT;
    header.e_type = ET_DYN;
    header.e_machine = kMachine;
    header.e_version = EV_CURRENT;
    header.e_phoff = segments_at_;
    header.e_ehsize = sizeof header;
    header.e_phentsize = sizeof(ElfW(Phdr));
    header.e_phnum = kSegmentCount;
#if defined(__riscv)
    header.e_flags = EF_RISCV_RVC | EF_RISCV_FLOAT_ABI_DOUBLE;
#endif
    file_.put(header_at_, header);
    put_segment(0, PT_LOAD, 0, file_.size(), file_.size(), kPageSize);
    put_segment(1, PT_DYNAMIC, dynamic_at_, dynamic_count() * sizeof(ElfW(Dyn)), dynamic_count() * sizeof(ElfW(Dyn)), 8);
    put_segment(2, PT_GNU_STACK, 0, 0, 0, 16);
    put_segment(3, has_block() ? PT_TLS : PT_NULL, image, spec_.image.bytes.size(), spec_.image.size, alignment());
  }

  void put_segment(std::size_t i, ElfW(Word) type, std::uint64_t at, std::uint64_t file_size, std::uint64_t size,
                   std::uint64_t alignment) {
    ElfW(Phdr) segment{};
    segment.p_type = type;
    segment.p_flags = PF_R | PF_W;
    segment.p_offset = segment.p_vaddr = segment.p_paddr = at;
    segment.p_filesz = file_size;
    segment.p_memsz = size;
    segment.p_align = alignment;
    file_.put(segments_at_ + i * sizeof segment, segment);
  }

  void note(std::int64_t tag, std::uint64_t value) {
    ElfW(Dyn) entry{};
    entry.d_tag = tag;
    entry.d_un.d_val = value;
    dynamic_.push_back(entry);
  }

  bool has_block() const { return spec_.image.size != 0; }
  std::uint64_t alignment() const { return std::uint64_t{1} << spec_.image.p2align; }

  const CarrierSpec& spec_;
  std::vector<Import> imports_;
  Writer file_;
  std::string names_;
  std::vector<ElfW(Dyn)> dynamic_;
  std::uint64_t header_at_ = 0, segments_at_ = 0, dynamic_at_ = 0;
  std::uint32_t version_file_name_ = 0;
};

}  // namespace

CarrierFile make_carrier_file(const CarrierSpec& spec, std::uint64_t serial) {
  return CarrierWriter(spec).write(serial);
}

}  // namespace enfold::runtime
