// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <enfold/describe.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "printable_text.h"

namespace enfold {
namespace {

class Out {
 public:
  Out(char* to, std::size_t size) : to_(to), left_(size) {}

  void put(std::string_view text) {
    const std::size_t size = std::min(text.size(), left_);
    std::memcpy(to_, text.data(), size);
    to_ += size;
    left_ -= size;
  }
  void part(std::string_view text) {
    if (text.empty()) return;
    if (any_) put("/");
    put_printable(text, '\0', [this](std::string_view piece) { put(piece); });
    any_ = true;
  }
  std::size_t left() const { return left_; }

 private:
  char* to_;
  std::size_t left_;
  bool any_ = false;
};

}  // namespace

std::size_t write_text(const AddressNote& note, char* out, std::size_t size) noexcept {
  char digits[16];
  const char* const end = std::to_chars(digits, digits + sizeof digits, note.offset, 16).ptr;
  Out to(out, size);
  for (const std::string_view part : {note.set, note.object, note.section, note.symbol}) to.part(part);
  to.put("+0x");
  to.put({digits, static_cast<std::size_t>(end - digits)});
  return size - to.left();
}

std::string text(const Description& d) {
  const std::size_t names_size = d.set.size() + d.object.size() + d.section.size() + d.symbol.size();
  std::string out(kMostPrintable * names_size + 32, '\0');
  const AddressNote note = {
      .set = d.set, .object = d.object, .section = d.section, .symbol = d.symbol, .range = d.range, .offset = d.offset};
  out.resize(write_text(note, out.data(), out.size()));
  return out;
}

}  // namespace enfold
