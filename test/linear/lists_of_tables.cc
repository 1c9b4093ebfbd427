// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Relocations, needs, unwind records, notes, thread-locals.
#include <elf.h>

#include "lists.h"

namespace enfold::linear {
namespace {

constexpr std::uint8_t kGlobalThreadLocal = ELF64_ST_INFO(STB_GLOBAL, STT_TLS);

void append(Bytes& to, std::string_view text) {
  const Bytes more = bytes_of_text(text);
  to.insert(to.end(), more.begin(), more.end());
}

void append_word(Bytes& to, std::size_t word) {
  for (unsigned shift = 0; shift < 32; shift += 8) to.push_back(static_cast<std::byte>(word >> shift));
}

// ---- Relocations

Bytes object_with_relocations(std::uint32_t n, std::uint32_t type, bool compact = false) {
  ElfBuilder b;
  const std::uint32_t code = add_code(b, n * 8 + 8), f = add_function(b, "f", code);
  std::vector<Elf64_Rela> uses;
  for (std::uint32_t i = 0; i < n; ++i) uses.push_back(rela(i * 8, f, type, -4));
  b.add_relocations(code, uses);
  fuzz::ElfEdit object = b.build();
  if (compact) object.make_relocations_compact();
  return object.bytes();
}

Work relocations(std::uint32_t n) { return work_on(object_with_relocations(n, R_X86_64_PC32)); }
Work loads_of_one_slot(std::uint32_t n) { return work_on(object_with_relocations(n, R_X86_64_GOTPCREL)); }
Work compact_relocations(std::uint32_t n) { return work_on(object_with_relocations(n, R_X86_64_PC32, true)); }
Work unknown_relocations(std::uint32_t n) { return work_on(object_with_relocations(n, 0xfff), {}, Outcome::kRefused); }
Work fields_out_of_range(std::uint32_t n) {
  return work_on(object_with_relocations(n, R_X86_64_8), {}, Outcome::kRefused);
}

Work sections_of_relocations(std::uint32_t n) {
  ElfBuilder b;
  const std::uint32_t code = add_code(b, n * 8), f = add_function(b, "f", code);
  for (std::uint32_t i = 0; i < n; ++i) b.add_relocations(code, {rela(i * 8, f, R_X86_64_PC32, -4)});
  return work_on(build(b), {}, Outcome::kRefused);
}

// A loaded value's slot for each symbol.
Work slots(std::uint32_t n) {
  ElfBuilder b;
  const std::uint32_t code = add_code(b, n * 8);
  std::vector<Elf64_Rela> uses;
  for (std::uint32_t i = 0; i < n; ++i) {
    const std::uint32_t symbol = add_function(b, "f" + std::to_string(i), code, i * 8);
    uses.push_back(rela(i * 8, symbol, R_X86_64_GOTPCREL, -4));
  }
  b.add_relocations(code, uses);
  return work_on(build(b));
}

// ---- Unwind records: "zR", pointers of 32 bits from their place.

void append_common(Bytes& frames) {
  using namespace std::string_view_literals;
  append(frames, "\x14\0\0\0\0\0\0\0\1zR\0\1\x78\x10\1\x1b\x0c\7\x08\x90\1\0\0"sv);
}

// The place of its function's address.
std::size_t append_frame(Bytes& frames, std::size_t common_at) {
  append_word(frames, 0x10);
  append_word(frames, frames.size() - common_at);
  const std::size_t at = frames.size();
  append_word(frames, 0);
  append_word(frames, 8);
  append_word(frames, 0);  // no augmentation, no instructions
  return at;
}

Bytes object_with_frames(std::uint32_t n, bool common_for_each, bool frames_for_each, bool shuffled = false) {
  ElfBuilder b;
  const std::uint32_t code = add_code(b, std::size_t{n} * 8);
  const std::uint32_t local = b.add_symbol("", fuzz::kLocalSection, static_cast<std::uint16_t>(code));
  add_function(b, "f", code);
  Bytes frames;
  std::vector<Elf64_Rela> uses;
  std::size_t common_at = 0;
  for (std::uint32_t i = 0; i < n; ++i) {
    if (i == 0 || common_for_each) {
      common_at = frames.size();
      append_common(frames);
    }
    if (i != 0 && !frames_for_each) continue;
    const std::uint32_t function = shuffled ? static_cast<std::uint32_t>(std::uint64_t{i} * 7919 % n) : i;
    uses.push_back(rela(append_frame(frames, common_at), local, R_X86_64_PC32, function * 8));
  }
  append_word(frames, 0);
  const std::uint32_t section =
      b.add_section({.name = ".eh_frame", .flags = SHF_ALLOC, .align = 8, .contents = std::move(frames)});
  b.add_relocations(section, uses);
  return build(b);
}

Work frames_of_one_common(std::uint32_t n) { return work_on(object_with_frames(n, false, true)); }
Work frames_out_of_order(std::uint32_t n) { return work_on(object_with_frames(n, false, true, true)); }
Work frames_each_with_a_common(std::uint32_t n) { return work_on(object_with_frames(n, true, true)); }
Work commons_without_frames(std::uint32_t n) { return work_on(object_with_frames(n, true, false)); }

// All records of the first part refer to the first of two CIEs or to the second, by turns.
Work frames_that_take_turns(std::uint32_t n) {
  ElfBuilder b;
  const std::uint32_t code = add_code(b, std::size_t{n} * 8);
  const std::uint32_t local = b.add_symbol("", fuzz::kLocalSection, static_cast<std::uint16_t>(code));
  Bytes frames;
  append_common(frames);
  const std::size_t second = frames.size();
  append_common(frames);
  std::vector<Elf64_Rela> uses;
  for (std::uint32_t i = 0; i < n; ++i) {
    uses.push_back(rela(append_frame(frames, i % 2 == 0 ? 0 : second), local, R_X86_64_PC32, i * 8));
  }
  const std::uint32_t section =
      b.add_section({.name = ".eh_frame", .flags = SHF_ALLOC, .align = 8, .contents = std::move(frames)});
  b.add_relocations(section, uses);
  return work_on(build(b));
}

Work frames_of_unreached_code(std::uint32_t n) {
  ElfBuilder b;
  Bytes frames;
  append_common(frames);
  std::vector<Elf64_Rela> uses;
  for (std::uint32_t i = 0; i < n; ++i) {
    const std::uint32_t code = add_code(b, 8);
    uses.push_back(rela(append_frame(frames, 0), add_function(b, "f" + std::to_string(i), code), R_X86_64_PC32));
  }
  const std::uint32_t section =
      b.add_section({.name = ".eh_frame", .flags = SHF_ALLOC, .align = 8, .contents = std::move(frames)});
  b.add_relocations(section, uses);
  SetOptions options;
  options.gc_sections = true;
  options.roots = {"f1"};
  return work_on(build(b), options);
}

Work sections_of_frames(std::uint32_t n) {
  ElfBuilder b;
  for (std::uint32_t i = 0; i < n; ++i) {
    const std::uint32_t code = add_code(b, 8), f = add_function(b, "f" + std::to_string(i), code);
    Bytes frames;
    append_common(frames);
    const std::size_t at = append_frame(frames, 0);
    const std::uint32_t section =
        b.add_section({.name = ".eh_frame", .flags = SHF_ALLOC, .align = 8, .contents = std::move(frames)});
    b.add_relocations(section, {rela(at, f, R_X86_64_PC32)});
  }
  return work_on(build(b));
}

// ---- Notes

void append_property(Bytes& note, std::uint32_t type, std::uint32_t bits) {
  append_word(note, type);
  append_word(note, 4);
  append_word(note, bits);
  append_word(note, 0);
}

Bytes note_with_properties(std::uint32_t n) {
  Bytes note;
  append_word(note, 4);
  append_word(note, n * 16);
  append_word(note, NT_GNU_PROPERTY_TYPE_0);
  append(note, std::string_view("GNU\0", 4));
  for (std::uint32_t i = 0; i < n; ++i) append_property(note, 0xc000'0002, 3);
  return note;
}

std::uint32_t add_note(ElfBuilder& b, Bytes contents) {
  return b.add_section({.name = ".note.gnu.property",
                        .type = SHT_NOTE,
                        .flags = SHF_ALLOC,
                        .align = 8,
                        .contents = std::move(contents)});
}

Work properties(std::uint32_t n) {
  ElfBuilder b;
  add_code(b, 8);
  add_note(b, note_with_properties(n));
  return work_on(build(b));
}

Work notes(std::uint32_t n) {
  ElfBuilder b;
  add_code(b, 8);
  Bytes all;
  for (std::uint32_t i = 0; i < n; ++i) {
    const Bytes note = note_with_properties(1);
    all.insert(all.end(), note.begin(), note.end());
  }
  add_note(b, all);
  return work_on(build(b));
}

Work sections_of_notes(std::uint32_t n) {
  ElfBuilder b;
  add_code(b, 8);
  for (std::uint32_t i = 0; i < n; ++i) add_note(b, note_with_properties(1));
  return work_on(build(b));
}

// ---- Thread-locals

Work thread_locals(std::uint32_t n) {
  ElfBuilder b;
  std::vector<Elf64_Rela> uses;
  const std::uint32_t code = add_code(b, std::size_t{n} * 16);
  const std::uint32_t get = b.add_symbol("__tls_get_addr", fuzz::kGlobalNone, SHN_UNDEF);
  const std::uint32_t section = b.add_section(
      {.name = ".tdata", .flags = SHF_ALLOC | SHF_WRITE | SHF_TLS, .align = 8, .contents = Bytes(std::size_t{n} * 8)});
  fuzz::ElfEdit object = [&] {
    for (std::uint32_t i = 0; i < n; ++i) {
      const std::uint32_t symbol =
          b.add_symbol("t" + std::to_string(i), kGlobalThreadLocal, static_cast<std::uint16_t>(section), i * 8, 8);
      uses.push_back(rela(i * 16 + 4, symbol, R_X86_64_TLSGD, -4));
      uses.push_back(rela(i * 16 + 12, get, R_X86_64_PLT32, -4));
    }
    b.add_relocations(code, uses);
    return b.build();
  }();
  // data16 lea x@tlsgd(%rip), %rdi; data16 data16 rex.W call __tls_get_addr@PLT
  constexpr unsigned char kAccess[16] = {0x66, 0x48, 0x8d, 0x3d, 0, 0, 0, 0, 0x66, 0x66, 0x48, 0xe8, 0, 0, 0, 0};
  for (std::uint32_t i = 0; i < n; ++i) object.put(object.section(code).sh_offset + i * 16, kAccess);
  return work_on(object.bytes());
}

Work sections_of_thread_locals(std::uint32_t n) {
  ElfBuilder b;
  add_code(b, 8);
  for (std::uint32_t i = 0; i < n; ++i) {
    const std::uint32_t section =
        b.add_section({.name = ".tdata", .flags = SHF_ALLOC | SHF_WRITE | SHF_TLS, .align = 8, .contents = Bytes(8)});
    b.add_symbol("t" + std::to_string(i), kGlobalThreadLocal, static_cast<std::uint16_t>(section), 0, 8);
  }
  return work_on(build(b));
}

// ---- Gaps and zeros

Work aligned_sections(std::uint32_t n) {
  ElfBuilder b;
  for (std::uint32_t i = 0; i < n; ++i) {
    b.add_section({.name = ".data", .flags = SHF_ALLOC | SHF_WRITE, .align = 4096, .contents = Bytes(8)});
  }
  return work_on(build(b));
}

Work zeros(std::uint32_t n) {
  ElfBuilder b;
  add_code(b, 8);
  for (std::uint32_t i = 0; i < n; ++i) {
    b.add_section({.name = ".bss", .type = SHT_NOBITS, .flags = SHF_ALLOC | SHF_WRITE, .size = 64});
  }
  return work_on(build(b));
}

constexpr List kLists[] = {
    {"relocations", relocations, 4000},
    {"relocations through one slot", loads_of_one_slot, 2000},
    {"relocations, compact", compact_relocations, 2000},
    {"relocations, unknown", unknown_relocations},
    {"relocations, out of range", fields_out_of_range},
    {"sections of relocations", sections_of_relocations},
    {"slots", slots, 1000},
    {"FDEs", frames_of_one_common, 1000},
    {"FDEs, out of order", frames_out_of_order, 1000},
    {"FDEs, each with a CIE", frames_each_with_a_common, 1000},
    {"FDEs that take turns", frames_that_take_turns, 1000},
    {"FDEs of unreached code", frames_of_unreached_code},
    {"CIEs without FDEs", commons_without_frames, 1000},
    {"sections of FDEs", sections_of_frames},
    {"properties", properties, 4000},
    {"notes", notes, 2000},
    {"sections of notes", sections_of_notes, 1000},
    {"thread-locals", thread_locals},
    {"sections of thread-locals", sections_of_thread_locals, 1000},
    {"sections with gaps", aligned_sections},
    {"sections of zeros", zeros, 1000},
};

}  // namespace

std::span<const List> lists_of_tables() { return kLists; }

}  // namespace enfold::linear
