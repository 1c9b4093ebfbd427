// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Prints docs/relocations.md from the tables that the linker works by; with --compare FILE, says whether FILE is that.
#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "reloc/reloc.h"

namespace enfold {
namespace {

const std::vector<const RelocationScheme*> kSchemes = {&elf_x86_64()};

constexpr char kIntroduction[] =
    "<!-- SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception -->\n"
    "# Relocations\n"
    "\n"
    "Made by `enfold-relocations-doc` from the tables in `src/reloc/` and `src/arch/`, which scan, apply, the range check\n"
    "and error reports read as well. A test compares. To make it anew:\n"
    "`enfold-relocations-doc > docs/relocations.md`.\n"
    "\n"
    "The value of a field is given in the letters of the System V ABIs: `S` the symbol's address, `A` the addend, `P` the\n"
    "field's address, `L` the address of the symbol's stub, or `S` where it needs none, `GOT` the base of the zone's slots,\n"
    "`G` the offset of the symbol's slot from there, `Z` the symbol's size. Of a thread-local, `TP` is the thread pointer,\n"
    "`B` the start of the block that it lies in and `M` the number of the block's module. A value outside of the range is\n"
    "an error, never a truncation.\n";

std::string expression(Expr expr) {
  switch (expr) {
    case Expr::kNone: return "nothing";
    case Expr::kAbsolute: return "`S + A`";
    case Expr::kRelative: return "`S + A - P`";
    case Expr::kCall: return "`L + A - P`";
    case Expr::kCallFromGot: return "`L + A - GOT`";
    case Expr::kSlotFromGot: return "`G + A`";
    case Expr::kSlotRelative: return "`GOT + G + A - P`";
    case Expr::kGotRelative: return "`GOT + A - P`";
    case Expr::kFromGot: return "`S + A - GOT`";
    case Expr::kSize: return "`Z + A`";
    case Expr::kThreadIndex:
    case Expr::kThreadModule:
    case Expr::kThreadDescriptor:
    case Expr::kThreadSlot: return "`GOT + G + A - P`";
    case Expr::kThreadCall: return "nothing";
    case Expr::kThreadOffset: return "`S + A - TP`";
    case Expr::kBlockOffset: return "`S + A - B`";
    case Expr::kModuleId: return "`M`";
  }
  return "";
}

std::string unless_rewritten(const FixupDesc& desc) { return desc.relaxable ? "; unless rewritten" : ""; }

std::string needs(const FixupDesc& desc) {
  const bool narrow_address = !desc.any && desc.width >= 4;
  switch (desc.expr) {
    case Expr::kCall: return "a stub, where the function is out of reach or indirect";
    case Expr::kCallFromGot: return "a stub, where the function is indirect";
    case Expr::kSlotFromGot: return "a slot";
    case Expr::kSlotRelative: return desc.relaxable ? "a slot, unless the instruction is rewritten" : "a slot";
    case Expr::kRelative:
      if (narrow_address) return "a stub for a function, a copy of data where allowed, if out of reach";
      break;
    case Expr::kAbsolute:
      if (narrow_address) return "a place below 2 GiB; a stub or copy as for distances";
      break;
    case Expr::kThreadIndex: return "a slot of two words: `M`, `S - B`; unless rewritten";
    case Expr::kThreadModule: return "a slot of two words: `M`, 0; unless rewritten";
    case Expr::kThreadDescriptor: return "a slot of two words: entry point, argument" + unless_rewritten(desc);
    case Expr::kThreadSlot: return "a slot: `S - TP`" + unless_rewritten(desc);
    default: return "";
  }
  return "a stub, where the function is indirect";
}

// Limits are powers of two.
std::string limit(std::int64_t n) {
  if (n == 0) return "0";
  const auto magnitude = n < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(n) : static_cast<std::uint64_t>(n);
  return std::string(n < 0 ? "-2^" : "2^").append(std::to_string(std::countr_zero(magnitude)));
}

std::string range(const FixupDesc& desc) {
  if (desc.width == 0) return "";
  return desc.any ? "all" : std::string("[").append(limit(desc.lo)).append(", ").append(limit(desc.hi)).append(")");
}

std::string cell(std::string_view text) { return std::string(" ").append(text).append(" |"); }
std::string code(std::string_view name) { return std::string("`").append(name).append("`"); }

std::string table_row(const RelocationRow& row, const FixupDesc& desc) {
  std::string text = "|";
  text += cell(std::to_string(row.type)) + cell(code(row.name)) + cell(expression(desc.expr));
  text += cell(desc.width == 0 ? "" : std::to_string(desc.width * 8)) + cell(range(desc)) + cell(needs(desc));
  text += cell(desc.relaxable ? "yes" : "") + "\n";
  return text;
}

std::string describe(const RelocationScheme& scheme) {
  const Architecture& arch = *scheme.architecture;
  std::string text = "\n## ";
  text.append(scheme.format).append(", ").append(arch.name).append("\n\n");
  const StubForm &plain = arch.plain_stubs, &landing = arch.landing_stubs;
  text += "A slot takes " + std::to_string(arch.slot_size) + " bytes, a stub " + std::to_string(plain.size) +
          ", one that adds an argument " + std::to_string(plain.bound_size) + "; with landing pads, " +
          std::to_string(landing.size) + " and " + std::to_string(landing.bound_size) + ".\n\n";
  text += "| type | name | value | bits | range | may need | rewritten |\n|---:|---|---|---:|---|---|---|\n";
  for (const RelocationRow& row : scheme.rows) {
    if (row.refusal.empty()) text += table_row(row, arch.fixups[row.kind]);
  }
  text += "\nRefused, with an error that names the relocation:\n\n";
  for (const RelocationRow& row : scheme.rows) {
    if (row.refusal.empty()) continue;
    text.append("- ").append(std::to_string(row.type)).append(" ").append(code(row.name));
    text.append(": ").append(row.refusal).append("\n");
  }
  return text;
}

std::string document() {
  std::string text(kIntroduction);
  for (const RelocationScheme* scheme : kSchemes) text += describe(*scheme);
  return text;
}

int compare(const char* path) {
  std::ifstream file(path, std::ios::binary);
  const std::string there{std::istreambuf_iterator<char>(file), {}};
  if (there == document()) return 0;
  std::printf("%s is not what the tables say; make it anew with enfold-relocations-doc > docs/relocations.md\n", path);
  return 1;
}

}  // namespace
}  // namespace enfold

int main(int argc, char** argv) {
  if (argc == 3 && std::strcmp(argv[1], "--compare") == 0) return enfold::compare(argv[2]);
  std::fputs(enfold::document().c_str(), stdout);
  return 0;
}
