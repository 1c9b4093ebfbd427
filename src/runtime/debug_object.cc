// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/debug_object.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <elf.h>

#include "fork.h"
#include "plan/thread_models.h"
#include "read/bytes.h"
#include "read/elf_crel.h"
#include "read/elf_records.h"
#include "runtime/debugger.h"
#include "session_state.h"

namespace enfold {
namespace {

using namespace std::string_view_literals;

bool is_dropped(const Section& section) {
  return section.role != SectionRole::kIgnored && !section.kept && !section.in_image();
}

bool has_image(const Object& object) {
  return std::ranges::any_of(object.sections, [](const Section& section) { return section.in_image(); });
}

// Of lists of address pairs, which a pair of zeros ends.
bool is_pair_list(std::string_view section) {
  return section.ends_with("debug_ranges") || section.ends_with("debug_loc");
}

// Where a debugger finds a thread's variable. gdb takes what the copy says for an offset in the block of the process's
// first module, as it knows no other module for an object in memory; a block that is static is at the same distance from
// that one in every thread. For what has no such distance, no address that memory can have: gdb says that it cannot read
// there, rather than show what lies elsewhere.
constexpr std::uint64_t kNowhere = std::uint64_t{1} << 63;

// The file was read: headers and tables lie inside it, and have the sizes of their types.
class Copy {
 public:
  Copy(const LinkState& link, const Object& object) : link_(link), object_(object) {
    shown_.size = object.file.size();
    shown_.bytes = std::make_unique_for_overwrite<std::byte[]>(shown_.size);
    std::memcpy(shown_.bytes.get(), object.file.data(), shown_.size);
    load(0, header_);
    number();
    name_type_units();
    if (object.has_thread_locals) first_block_ = runtime::first_block_offset();
  }

  ShownObject make() && {
    expand_relocations();
    for (std::uint32_t i = 1; i < numbers_.size(); ++i) place(i);
    for (std::uint32_t i = 1; i < numbers_.size(); ++i) mend(i);
    return std::move(shown_);
  }

 private:
  template <class T>
  void load(std::uint64_t offset, T& record) const {
    std::memcpy(&record, shown_.bytes.get() + offset, sizeof record);
  }
  template <class T>
  void store(std::uint64_t offset, const T& record) {
    std::memcpy(shown_.bytes.get() + offset, &record, sizeof record);
  }
  std::uint64_t header_offset(std::uint32_t section) const {
    return header_.e_shoff + std::uint64_t{section} * sizeof(Elf64_Shdr);
  }
  Elf64_Shdr section_header(std::uint32_t section) const {
    Elf64_Shdr h;
    load(header_offset(section), h);
    return h;
  }
  // By the file's numbers, as all here.
  const Section& section(std::uint32_t i) const {
    const SectionIndex index = numbers_[i];
    return object_.sections[object_.sections.contains(index) ? index : SectionIndex{}];
  }

  void number() {
    Elf64_Shdr first{};
    const read::Bytes file(std::span(shown_.bytes.get(), shown_.size));
    if (file.contains(header_.e_shoff, sizeof first)) load(header_.e_shoff, first);
    const std::uint64_t count = header_.e_shnum != 0 ? header_.e_shnum : first.sh_size;
    if (const auto headers = file.records(header_.e_shoff, count, sizeof first)) {
      numbers_.resize(count);
      const auto records = read::records_in<read::SectionHeader>(*headers);
      read::SectionNumbers numbers;
      for (std::size_t i = 1; i < count; ++i) numbers_[i] = numbers.next(records[i]);
    }
  }

  std::string_view name_in(const Elf64_Shdr& strings, const Elf64_Shdr& h) const {
    if (h.sh_name >= strings.sh_size) return {};
    const auto* const begin = reinterpret_cast<const char*>(shown_.bytes.get()) + strings.sh_offset + h.sh_name;
    return {begin, ::strnlen(begin, strings.sh_size - h.sh_name)};
  }

  // DWARF 5 has type units in sections of the name that other units have, too, each in a group of its own (7.5.1.3,
  // E.2). A linker makes one of them all; of several, gdb 13 reads the last one. DWARF 4's have a name of their own, of
  // which gdb reads all, and goes by what their headers say.
  void name_type_units() {
    constexpr std::string_view kNames = "\0.debug_types\0.zdebug_types"sv;
    constexpr std::uint32_t kPlain = 1, kCompressed = 14;
    const std::uint32_t at = header_.e_shstrndx == SHN_XINDEX && !numbers_.empty() ? section_header(0).sh_link
                                                                                  : header_.e_shstrndx;
    if (at >= numbers_.size()) return;
    Elf64_Shdr strings = section_header(at);
    if (!read::Bytes(std::span(shown_.bytes.get(), shown_.size)).contains(strings.sh_offset, strings.sh_size)) return;
    const std::uint64_t names_at = strings.sh_size;
    bool any = false;
    for (std::uint32_t i = 1; i < numbers_.size(); ++i) {
      Elf64_Shdr h = section_header(i);
      if ((h.sh_flags & SHF_GROUP) == 0) continue;
      const std::string_view name = name_in(strings, h);
      if (name != ".debug_info" && name != ".zdebug_info") continue;
      h.sh_name = static_cast<Elf64_Word>(names_at + (name == ".debug_info" ? kPlain : kCompressed));
      store(header_offset(i), h);
      any = true;
    }
    if (any) extend(at, strings, kNames);
  }

  // Moves the string table behind all else, with more at its end.
  void extend(std::uint32_t index, Elf64_Shdr& strings, std::string_view more) {
    const std::uint64_t size = shown_.size + strings.sh_size + more.size() + 1;
    auto bytes = std::make_unique_for_overwrite<std::byte[]>(size);
    std::memcpy(bytes.get(), shown_.bytes.get(), shown_.size);
    std::memcpy(bytes.get() + shown_.size, shown_.bytes.get() + strings.sh_offset, strings.sh_size);
    std::memcpy(bytes.get() + shown_.size + strings.sh_size, more.data(), more.size());
    bytes[size - 1] = std::byte{0};
    strings.sh_offset = shown_.size;
    strings.sh_size += more.size() + 1;
    shown_.bytes = std::move(bytes);
    shown_.size = size;
    store(header_offset(index), strings);
  }

  // Debuggers do not read a file with compact relocations: those of unloaded sections are given another form, behind the
  // file, and others are taken away, as they are applied.
  void expand_relocations() {
    Arena arena;
    std::vector<std::pair<std::uint32_t, std::span<const std::byte>>> expanded;
    std::uint64_t size = shown_.size;
    for (std::uint32_t i = 1; i < numbers_.size(); ++i) {
      const std::span<const Elf64_Rela> records = compact_relocations(i, arena);
      if (records.empty()) {
        take_away_compact(i);
        continue;
      }
      expanded.emplace_back(i, std::as_bytes(records));
      size += records.size_bytes();
    }
    if (expanded.empty()) return;
    auto bytes = std::make_unique_for_overwrite<std::byte[]>(size);
    std::memcpy(bytes.get(), shown_.bytes.get(), shown_.size);
    shown_.bytes = std::move(bytes);
    for (const auto& [i, records] : expanded) add_relocations(i, records);
  }

  std::span<const Elf64_Rela> compact_relocations(std::uint32_t i, Arena& arena) const {
    const Elf64_Shdr h = section_header(i);
    if (h.sh_type != read::kShtCrel || h.sh_info >= numbers_.size()) return {};
    if (section(h.sh_info).role != SectionRole::kIgnored) return {};
    const read::Bytes file(std::span(shown_.bytes.get(), shown_.size));
    const auto contents = file.slice(h.sh_offset, h.sh_size);
    return contents ? read::read_crel(*contents, arena).records : std::span<const Elf64_Rela>();
  }

  void take_away_compact(std::uint32_t i) {
    Elf64_Shdr h = section_header(i);
    if (h.sh_type != read::kShtCrel) return;
    h.sh_type = SHT_NULL;
    store(header_offset(i), h);
  }

  // There is room behind what is shown so far.
  void add_relocations(std::uint32_t i, std::span<const std::byte> records) {
    Elf64_Shdr h = section_header(i);
    h.sh_type = SHT_RELA;
    h.sh_offset = shown_.size;
    h.sh_size = records.size();
    h.sh_entsize = sizeof(Elf64_Rela);
    std::ranges::copy(records, shown_.bytes.get() + shown_.size);
    shown_.size += records.size();
    store(header_offset(i), h);
  }

  void place(std::uint32_t i) {
    Elf64_Shdr h = section_header(i);
    const Section& placed = section(i);
    if ((h.sh_flags & SHF_ALLOC) == 0) return;
    if (placed.kept) {
      h.sh_addr = placed.kept_at();
    } else if (!placed.in_image() || (placed.role == SectionRole::kUnwind && placed.laid_size() == 0)) {
      h.sh_flags &= ~std::uint64_t{SHF_ALLOC};
      h.sh_addr = 0;
      dropped_ = dropped_ || is_dropped(placed);
    } else if (placed.role == SectionRole::kThreadLocal) {
      h.sh_addr = variable_at(0, placed.offset);
    } else {
      h.sh_addr = value(address_of(link_, placed));
      if (placed.role == SectionRole::kUnwind) h.sh_size = take_frames(h, placed);
    }
    store(header_offset(i), h);
  }

  std::uint64_t take_frames(const Elf64_Shdr& h, const Section& frames) {
    std::memcpy(shown_.bytes.get() + h.sh_offset, working(link_, frames.segment, frames.offset), frames.laid_size());
    return frames.laid_size();
  }

  std::uint64_t variable_at(std::uint32_t module, std::uint64_t offset) const {
    if (module >= link_.threads.modules.size()) return kNowhere;
    const ThreadModule& known = link_.threads.modules[module];
    if (!known.is_static || !first_block_) return kNowhere + offset;
    return static_cast<std::uint64_t>(known.tp_offset - *first_block_) + offset;
  }

  std::uint64_t variable_of(SymbolIndex index) const {
    if (!object_.symbols.contains(index)) return kNowhere;
    const Symbol& symbol = object_.symbols[index];
    if (symbol.global == kNone<GlobalIndex>) {
      const bool placed = symbol.place == SymbolPlace::kSection && object_.sections[symbol.section].in_image();
      return placed ? variable_at(0, object_.addresses[index]) : kNowhere;
    }
    const Origin origin = link_.global(symbol.global).origin;
    if (origin == Origin::kNull || origin == Origin::kMissing) return kNowhere;
    return variable_at(thread_module(link_, object_, index), object_.addresses[index]);
  }

  void mend(std::uint32_t i) {
    Elf64_Shdr h = section_header(i);
    if (h.sh_type == SHT_SYMTAB) return mend_symbols(h);
    if (h.sh_type != SHT_RELA || h.sh_info >= numbers_.size()) return;
    const Section& target = section(h.sh_info);
    if (target.role == SectionRole::kUnwind) {
      h.sh_type = SHT_NULL;  // applied
      store(header_offset(i), h);
    } else if (target.role == SectionRole::kIgnored) {
      if (object_.has_thread_locals && header_.e_machine == EM_X86_64) place_variables(h);
      if (dropped_) void_references(h, is_pair_list(object_.section_name(target)) ? 1 : 0);
    }
  }

  // Relocations of debug sections that speak of thread-locals say all themselves: a block's offset is no address of the
  // section that has the variable.
  void place_variables(const Elf64_Shdr& relocations) {
    for (std::uint64_t at = 0; at + sizeof(Elf64_Rela) <= relocations.sh_size; at += sizeof(Elf64_Rela)) {
      Elf64_Rela r;
      load(relocations.sh_offset + at, r);
      const auto type = static_cast<std::uint32_t>(ELF64_R_TYPE(r.r_info));
      if (type != R_X86_64_DTPOFF32 && type != R_X86_64_DTPOFF64) continue;
      const SymbolIndex symbol{static_cast<std::uint32_t>(ELF64_R_SYM(r.r_info))};
      const bool wide = type == R_X86_64_DTPOFF64 || widen(relocations.sh_info, r.r_offset);
      r.r_info = ELF64_R_INFO(0, wide ? R_X86_64_64 : R_X86_64_32);
      r.r_addend = static_cast<std::int64_t>(variable_of(symbol) + static_cast<std::uint64_t>(r.r_addend));
      store(relocations.sh_offset + at, r);
    }
  }

  // gcc writes the low half of a word of eight bytes and zeros behind it: such a word takes a negative distance, too. A
  // constant of four bytes without a sign (DWARF 5, 2.5.1.1) gets one. What is compressed is gcc's, as it seems.
  bool widen(std::uint32_t i, std::uint64_t offset) {
    constexpr std::uint8_t kConst4u = 0x0c, kConst4s = 0x0d;
    const Elf64_Shdr h = section_header(i);
    if ((h.sh_flags & SHF_COMPRESSED) != 0 || object_.section_name(section(i)).starts_with(".zdebug")) return true;
    if (h.sh_type == SHT_NOBITS || offset > h.sh_size || h.sh_size - offset < sizeof(std::uint32_t)) return false;
    const std::uint64_t at = h.sh_offset + offset;
    std::uint8_t before = 0;
    if (offset != 0) load(at - 1, before);
    if (before == kConst4u) store(at - 1, kConst4s);
    std::uint64_t word = 1;
    if (before != kConst4u && h.sh_size - offset >= sizeof word) load(at, word);
    return word >> 32 == 0;
  }

  void mend_symbols(const Elf64_Shdr& table) {
    for (std::uint32_t i = 1; i < object_.symbols.size(); ++i) {
      const Symbol& symbol = object_.symbols[SymbolIndex{i}];
      const std::uint64_t at = table.sh_offset + std::uint64_t{i} * sizeof(Elf64_Sym);
      if (symbol.place == SymbolPlace::kCommon || symbol.place == SymbolPlace::kLargeCommon) {
        const bool is_variable = symbol.type == SymbolType::kThreadLocal;
        assign(at, SHN_ABS, is_variable ? variable_of(SymbolIndex{i}) : object_.addresses[SymbolIndex{i}]);
      } else if (is_void(symbol) && symbol.type != SymbolType::kSection) {
        assign(at, SHN_UNDEF, 0);
      }
    }
  }

  void assign(std::uint64_t at, std::uint16_t section, std::uint64_t address) {
    Elf64_Sym symbol;
    load(at, symbol);
    symbol.st_shndx = section;
    symbol.st_value = address;
    store(at, symbol);
  }

  bool is_void(const Symbol& symbol) const {
    return dropped_ && symbol.place == SymbolPlace::kSection && is_dropped(object_.sections[symbol.section]);
  }

  // Debug information may give a function by its section and an offset in it. Symbol 0 is nowhere: what referred to the
  // function says `nowhere` instead, compressed sections included.
  void void_references(const Elf64_Shdr& relocations, std::int64_t nowhere) {
    for (std::uint64_t at = 0; at + sizeof(Elf64_Rela) <= relocations.sh_size; at += sizeof(Elf64_Rela)) {
      Elf64_Rela r;
      load(relocations.sh_offset + at, r);
      const SymbolIndex symbol{static_cast<std::uint32_t>(ELF64_R_SYM(r.r_info))};
      if (!object_.symbols.contains(symbol) || !is_void(object_.symbols[symbol])) continue;
      r.r_info = ELF64_R_INFO(0, ELF64_R_TYPE(r.r_info));
      r.r_addend = nowhere;
      store(relocations.sh_offset + at, r);
    }
  }

  const LinkState& link_;
  const Object& object_;
  ShownObject shown_;
  Elf64_Ehdr header_{};
  std::vector<SectionIndex> numbers_;
  bool dropped_ = false;
  std::optional<std::int64_t> first_block_;  // from the thread pointer
};

// Never destroyed: sets go until the process ends.
class Withheld final : private ForkAware {
 public:
  Withheld() { enlist(*this, ForkOrder::kRuntime); }

  struct Owned {
    std::shared_ptr<MemoryProvider> memory;
    Block block;
    std::shared_ptr<RuntimeHooks> runtime;
    void* object = nullptr;
  };

  void add(Owned owned) {
    const std::scoped_lock lock(mutex_);
    blocks_.push_back(std::move(owned));
    any_ = true;
  }

  void release() noexcept {
    if (!any_.load(std::memory_order_relaxed)) return;
    std::vector<Owned> blocks;
    {
      const std::scoped_lock lock(mutex_);
      blocks.swap(blocks_);
      any_ = false;
    }
    for (Owned& owned : blocks) {
      owned.memory->release(owned.block);
      if (owned.object != nullptr) owned.runtime->close_library(owned.object);
    }
  }

 private:
  void before_fork() override { mutex_.lock(); }
  void after_fork_in_parent() override { mutex_.unlock(); }
  void after_fork_in_child() override { mutex_.unlock(); }

  std::mutex mutex_;  // held for moments, and only where a debugger is attached
  std::vector<Owned> blocks_;
  std::atomic<bool> any_{false};
};

[[gnu::noinline]] void copy_object(const LinkState& link, const Object& object, SetRecord& set) {
  if (!has_image(object)) return;
  set.was_shown = true;
  set.make_course().shown.push_back(Copy(link, object).make());
}

}  // namespace

void copy_debug_objects(const LinkState& link, SetRecord& set) {
  const Debugger debugger = set.session->options.debugger;
  if (debugger == Debugger::kNone) return;
  for (const Object& object : link.objects) {
    if (debugger == Debugger::kAll || object.has_debug_information) copy_object(link, object, set);
  }
}

Expected<void> show_debug_objects(SetRecord& set) {
  if (!set.course) return {};
  for (ShownObject& object : set.course->shown) {
    Expected<void*> entry = set.session->options.runtime->show_object(std::span(object.bytes.get(), object.size));
    if (!entry) return std::unexpected(std::move(entry).error());
    object.entry = *entry;
  }
  return {};
}

void hide_debug_objects(SetRecord& set) noexcept {
  if (!set.course) return;
  for (const ShownObject& object : set.course->shown) {
    if (object.entry != nullptr) set.session->options.runtime->hide_object(object.entry);
  }
  set.course->shown.clear();
}

void* release_block(const SetRecord& set, const std::shared_ptr<MemoryProvider>& memory, Block& block,
                    void* object) noexcept {
  Withheld& withheld = lasting<Withheld>();
  const bool attended = runtime::debugger_attends();
  if (!attended) withheld.release();
  if (!attended || !set.was_shown) {
    memory->release(block);
    return object;
  }
  withheld.add({.memory = memory,
                .block = std::move(block),
                .runtime = set.session->options.runtime,
                .object = object});
  return nullptr;
}

}  // namespace enfold
