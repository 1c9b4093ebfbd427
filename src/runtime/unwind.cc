// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/unwind.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include <dlfcn.h>
#include <unwind.h>

#include "apply/search_table.h"
#include "fork.h"
#include "runtime/find_fde.h"
#include "runtime/linked_ranges.h"
#include "runtime/registrations.h"

extern "C" {
void __register_frame(void* eh_frame);
void __deregister_frame(void* eh_frame);
[[gnu::weak]] void __unw_add_dynamic_eh_frame_section(std::uintptr_t eh_frame);
[[gnu::weak]] void __unw_remove_dynamic_eh_frame_section(std::uintptr_t eh_frame);
[[gnu::weak]] const void* _Unwind_Find_FDE(void* pc, dwarf_eh_bases* bases);
}

namespace enfold::runtime {
namespace {

// Whether the unwinder that throws here is LLVM's: its extension is there, in the object that also raises exceptions.
// A process may have loaded one unwinder for its exceptions and another for other ends.
bool unwinds_by_llvm() {
  if (&__unw_add_dynamic_eh_frame_section == nullptr) return false;
  Dl_info extension{}, unwinder{};
  if (dladdr(reinterpret_cast<void*>(&__unw_add_dynamic_eh_frame_section), &extension) == 0) return true;
  if (dladdr(reinterpret_cast<void*>(&_Unwind_RaiseException), &unwinder) == 0) return true;
  return extension.dli_fbase == unwinder.dli_fbase;
}

// What is found out once.
struct Llvm {
  const bool unwinds = unwinds_by_llvm();
};

bool is_llvm() { return lasting<Llvm>().unwinds; }

// A function that is none, and a well-formed table for it: does the unwinder know it by the index alone?
class Probe {
 public:
  Probe() {
    constexpr std::size_t kFde = 20;  // bytes before it: the CIE
    const std::uint64_t at = address(0);
    const auto function = static_cast<std::uint32_t>(at - address(kTables + kFde + 8));
    word(0, kFde - 4);                                            // length of the CIE
    word(4, 0);                                                   // which it is
    bytes(8, {1, 'z', 'R', 0, 1, 0x78, 16, 1, 0x1b, 0, 0, 0});    // addresses: 4 bytes, relative to themselves
    word(kFde, 16);                                               // length of the FDE
    word(kFde + 4, kFde + 4);                                     // distance to the CIE
    word(kFde + 8, function);
    word(kFde + 12, kTables);                                     // bytes of it
    word(kFde + 16, 0);                                           // no augmentation data; padding
    word(kFde + 20, 0);                                           // the end
    const auto to = [](std::size_t offset) { return static_cast<std::int32_t>(offset) - std::int32_t{kHeader}; };
    const SearchRow row{.function = to(0), .frame = to(kTables + kFde)};
    write_search_table(bytes_.data() + kHeader, TargetAddr{address(kHeader)}, TargetAddr{address(kTables)},
                       std::span(&row, 1));
  }

  bool is_found() {
    const AddressRange code{address(0), address(kTables)};
    linked_ranges().tag(code, address(kHeader));
    dwarf_eh_bases bases{};
    const bool found = _Unwind_Find_FDE(bytes_.data() + 8, &bases) != nullptr;
    linked_ranges().untag(code, address(kHeader));
    return found;
  }

 private:
  static constexpr std::size_t kTables = 16, kHeader = 64;  // offsets of the .eh_frame and its search table

  std::uint64_t address(std::size_t offset) const { return reinterpret_cast<std::uint64_t>(bytes_.data() + offset); }
  void word(std::size_t at, std::uint32_t value) { std::memcpy(&bytes_[kTables + at], &value, sizeof value); }
  void bytes(std::size_t at, std::array<std::uint8_t, 12> values) {
    std::memcpy(&bytes_[kTables + at], values.data(), values.size());
  }

  alignas(8) std::array<std::byte, 96> bytes_{};
};

// An unwinder may remember what it found, so the probe lasts.
struct Unwinder {
  Probe probe;
  const bool asks = find_out();

  bool find_out() {
    const char* const asked_for = std::getenv("ENFOLD_UNWIND");
    if (asked_for != nullptr && std::string_view(asked_for) == "register") return false;
    return &_Unwind_Find_FDE != nullptr && probe.is_found();
  }
};

bool is_by_index(const FrameTables& frames) { return value(frames.search_table) != 0 && unwinder_asks(); }

AddressRange code_range(const FrameTables& frames) {
  return {value(frames.code), value(frames.code) + frames.code_size};
}

void* pointer_to(TargetAddr address) { return reinterpret_cast<void*>(value(address)); }

// libgcc ignores a table that begins with its end when it is registered, and aborts when it is deregistered.
bool is_empty_table(const FrameTables& frames) {
  std::uint32_t length = 0;
  if (frames.eh_frame_size < sizeof length) return true;
  std::memcpy(&length, pointer_to(frames.eh_frame), sizeof length);
  return length == 0;
}

}  // namespace

bool unwinder_asks() { return lasting<Unwinder>().asks; }

void register_frames(const FrameTables& frames) {
  if (is_by_index(frames)) return linked_ranges().tag(code_range(frames), value(frames.search_table));
  if (is_empty_table(frames)) return;
  registered([&] {
    if (is_llvm()) {
      __unw_add_dynamic_eh_frame_section(value(frames.eh_frame));
    } else {
      __register_frame(pointer_to(frames.eh_frame));
    }
  });
}

void deregister_frames(const FrameTables& frames) noexcept {
  if (is_by_index(frames)) return linked_ranges().untag(code_range(frames), value(frames.search_table));
  if (is_empty_table(frames)) return;
  registered([&] {
    if (is_llvm()) {
      __unw_remove_dynamic_eh_frame_section(value(frames.eh_frame));
    } else {
      __deregister_frame(pointer_to(frames.eh_frame));
    }
  });
}

}  // namespace enfold::runtime
