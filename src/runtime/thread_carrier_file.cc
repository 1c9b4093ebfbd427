// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A carrier's file (gABI, "Program Loading and Dynamic Linking"): what a loader asks for and no more. It exports
// nothing, and lies in memory as it lies in the file, in one writable segment:
//
//    ELF header, program headers | reports | dynamic section | names, symbols, hash table, versions | distances |
//    relocations | image
//
// Only a relocation for the distance from the thread pointer makes the loader place a block in static storage;
// DF_STATIC_TLS alone does not.
#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include <elf.h>
#include <link.h>

#include "runtime/dynamic_file.h"
#include "runtime/loadable_file.h"
#include "runtime/thread_carrier.h"
#include "runtime/versioned_name.h"

namespace enfold::runtime {
namespace {

constexpr std::size_t kDynamicCount = 20;  // beside libraries

class CarrierWriter {
 public:
  explicit CarrierWriter(const CarrierSpec& spec) : spec_(spec) {
    for (const std::string& import : spec.imports) imports_.push_back({.name = split(import)});
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
    std::vector<std::byte> bytes = file_.take();
    append_section_headers(bytes);
    return {.bytes = std::move(bytes), .reports = reports};
  }

 private:
  static constexpr std::size_t kSegmentCount = 4;

  struct Import {
    VersionedName name;
    std::uint32_t name_at = 0, version_at = 0;
  };

  std::size_t dynamic_count() const { return kDynamicCount + spec_.libraries.size(); }

  void write_names() {
    for (Import& import : imports_) {
      import.name_at = names_.keep(import.name.name);
      import.version_at = names_.keep(import.name.version);
    }
    version_file_name_ = names_.keep(kCLibrary);
    for (const std::string& library : spec_.libraries) note(DT_NEEDED, names_.keep(library));
    note(DT_STRTAB, file_.append(names_.bytes().data(), names_.bytes().size()));
    note(DT_STRSZ, names_.bytes().size());
  }

  // The null symbol, and those to import. Nothing is exported.
  void write_symbols() {
    std::vector<ElfW(Sym)> symbols(1);
    for (const Import& import : imports_) {
      symbols.push_back(wanted_symbol(import.name_at, spec_.optional ? STB_WEAK : STB_GLOBAL, STT_TLS));
    }
    note(DT_SYMTAB, file_.append(symbols.data(), symbols.size()));
    note(DT_SYMENT, sizeof(ElfW(Sym)));
    const std::vector<std::uint32_t> hash = HashTable(0).words({}, symbols.size());
    note(DT_GNU_HASH, file_.append(hash.data(), hash.size(), 8));
  }

  void write_versions() {
    const auto has_version = [](const Import& import) { return !import.name.version.empty(); };
    const auto count = static_cast<std::size_t>(std::ranges::count_if(imports_, has_version));
    if (count == 0) return;
    std::vector<ElfW(Half)> versions{0};
    std::vector<ElfW(Vernaux)> wanted;
    for (const Import& import : imports_) {
      versions.push_back(kAnyVersion);
      if (!has_version(import)) continue;
      const std::size_t number = kFirstVersion + wanted.size();
      versions.back() = static_cast<ElfW(Half)>(number);
      wanted.push_back(
          wanted_version(import.name.version, import.version_at, number, wanted.size() + 1 == count));
    }
    note(DT_VERSYM, file_.append(versions.data(), versions.size()));
    note(DT_VERNEED, file_.append(wanted_versions(count, version_file_name_)));
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
    file_.put(header_at_, file_header(segments_at_, kSegmentCount));
    constexpr ElfW(Word) kFlags = PF_R | PF_W;
    const std::uint64_t dynamic_size = dynamic_count() * sizeof(ElfW(Dyn)), image_size = spec_.image.bytes.size();
    put_segment(0, segment_header(PT_LOAD, kFlags, file_.size(), file_.size(), kLoadPageSize), 0);
    put_segment(1, segment_header(PT_DYNAMIC, kFlags, dynamic_size, dynamic_size, 8), dynamic_at_);
    put_segment(2, segment_header(PT_GNU_STACK, kFlags, 0, 0, 16), 0);
    const ElfW(Word) block = has_block() ? PT_TLS : PT_NULL;
    put_segment(3, segment_header(block, kFlags, image_size, spec_.image.size, alignment()), image);
  }

  void put_segment(std::size_t i, const ElfW(Phdr) & segment, std::uint64_t at) {
    file_.put(segments_at_ + i * sizeof segment, segment_in_file(segment, at, 0));
  }

  void note(std::int64_t tag, std::uint64_t value) { dynamic_.push_back(dynamic_entry(tag, value)); }

  bool has_block() const { return spec_.image.size != 0; }
  std::uint64_t alignment() const { return std::uint64_t{1} << spec_.image.p2align; }

  const CarrierSpec& spec_;
  std::vector<Import> imports_;
  GrowingFile file_;
  NameTable names_;
  std::vector<ElfW(Dyn)> dynamic_;
  std::uint64_t header_at_ = 0, segments_at_ = 0, dynamic_at_ = 0;
  std::uint32_t version_file_name_ = 0;
};

}  // namespace

CarrierFile make_carrier_file(const CarrierSpec& spec, std::uint64_t serial) {
  return CarrierWriter(spec).write(serial);
}

}  // namespace enfold::runtime
