// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Errors and how they read. A report is one line for the error and, indented below it, one for its cure and one for
// each cause:
//
//   main.o: .text+0x12: R_X86_64_PC32 against 'foo(int)': value 0x812345678 does not fit [-0x80000000, 0x80000000)
//     cure: compile with -fPIC
//
// Names come from input files and end on terminals: see printable_text.h.
#include <cxxabi.h>
#include <fmt/format.h>

#include <bit>
#include <cstdlib>
#include <memory>
#include <new>
#include <utility>

#include <enfold/error.h>
#include <enfold/printable.h>

#include "printable_text.h"

namespace enfold {

struct ErrorDetail {
  ErrorCode code;
  std::string message;
  Place place;
  std::optional<RangeViolation> range{};
  std::string cure{};
  std::vector<Error> causes{};
  std::optional<Lack> lacks{};
};

namespace {

// Demanglers expand substitutions: time and output of a crafted name grow faster than its length.
constexpr std::size_t kLongestDemangled = 8192;

// A message may have several lines.
std::string printable_lines(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  put_printable(text, '\n', [&](std::string_view piece) { out += piece; });
  return out;
}

// ".text+0x12", ".text", "0x12"
std::string position(const Place& place) {
  std::string out = printable(place.section);
  if (!place.offset) return out;
  if (!out.empty()) out += '+';
  return out + fmt::format("{:#x}", *place.offset);
}

// "R_X86_64_PC32 against 'foo(int)'", either half alone, or nothing. A message that names the symbol itself is not
// made to say it twice.
std::string subject(const Place& place, std::string_view message) {
  const std::string symbol = demangle(place.symbol);
  const bool named = symbol.empty() || message.find(fmt::format("'{}'", symbol)) != std::string_view::npos;
  if (place.relocation.empty()) return named ? std::string() : fmt::format("'{}'", printable(symbol));
  if (named) return printable(place.relocation);
  return fmt::format("{} against '{}'", printable(place.relocation), printable(symbol));
}

std::string describe(const RangeViolation& range) {
  return fmt::format("value {:#x} does not fit [{:#x}, {:#x})", range.value, range.lo, range.hi);
}

void append_part(std::string& line, std::string_view part) {
  if (part.empty()) return;
  if (!line.empty()) line += ": ";
  line += part;
}

std::string first_line(const Error& error) {
  const Place& place = error.place();
  std::string line;
  append_part(line, printable(place.object));
  append_part(line, position(place));
  append_part(line, subject(place, error.message()));
  append_part(line, printable_lines(error.message()));
  if (error.range()) append_part(line, describe(*error.range()));
  if (line.empty()) line = name(error.code());
  return line;
}

void append_report(std::string& out, const Error& error, std::size_t indent) {
  out.append(indent, ' ');
  out += first_line(error);
  if (!error.cure().empty()) {
    out += '\n';
    out.append(indent + 2, ' ');
    out += "cure: ";
    out += printable_lines(error.cure());
  }
  for (const Error& cause : error.causes()) {
    out += '\n';
    append_report(out, cause, indent + 2);
  }
}

}  // namespace

std::string_view name(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument: return "invalid argument";
    case ErrorCode::kIo: return "input or output failed";
    case ErrorCode::kMalformed: return "malformed input";
    case ErrorCode::kUnsupported: return "unsupported";
    case ErrorCode::kUndefinedSymbol: return "undefined symbol";
    case ErrorCode::kDuplicateSymbol: return "duplicate symbol";
    case ErrorCode::kOutOfRange: return "out of range";
    case ErrorCode::kDiscarded: return "reference to a discarded section";
    case ErrorCode::kMemory: return "no memory";
    case ErrorCode::kRuntime: return "refused by the process";
    case ErrorCode::kInUse: return "in use";
    case ErrorCode::kNotFound: return "not found";
  }
  return "unknown error";
}

namespace {

// Of use until the process ends, and ready before any constructor runs. Its text fits into the string itself.
union Immortal {
  constexpr Immortal() : detail{.code = ErrorCode::kMemory, .message = "out of memory", .place = {}} {}
  ~Immortal() {}
  ErrorDetail detail;
};
constinit Immortal no_memory;

}  // namespace

// Where there is no memory for it, every error is that one.
Error::Error(ErrorCode code, std::string message, Place place)
    : detail_(new(std::nothrow) ErrorDetail{.code = code, .message = std::move(message), .place = std::move(place)}) {
  if (!detail_) detail_.reset(&no_memory.detail);
}
Error::Error(Error&&) noexcept = default;
Error& Error::operator=(Error&& other) noexcept {
  std::swap(detail_, other.detail_);
  return *this;
}
Error::~Error() {
  if (detail_.get() == &no_memory.detail) static_cast<void>(detail_.release());
}

namespace {

// What of an error may be changed.
ErrorDetail& own(std::unique_ptr<ErrorDetail>& detail) {
  if (detail.get() != &no_memory.detail) return *detail;
  auto copy = std::make_unique<ErrorDetail>(
      ErrorDetail{.code = no_memory.detail.code, .message = no_memory.detail.message, .place = {}});
  static_cast<void>(detail.release());
  detail = std::move(copy);
  return *detail;
}

}  // namespace

ErrorCode Error::code() const { return detail_->code; }
const std::string& Error::message() const { return detail_->message; }
const Place& Error::place() const { return detail_->place; }
const std::optional<RangeViolation>& Error::range() const { return detail_->range; }
const std::string& Error::cure() const { return detail_->cure; }
const std::vector<Error>& Error::causes() const { return detail_->causes; }
const std::optional<Lack>& Error::lacks() const { return detail_->lacks; }

Error Error::with_place(Place place) && {
  own(detail_).place = std::move(place);
  return std::move(*this);
}

Error Error::with_range(RangeViolation range) && {
  own(detail_).range = range;
  return std::move(*this);
}

Error Error::with_cure(std::string cure) && {
  own(detail_).cure = std::move(cure);
  return std::move(*this);
}

Error Error::with_cause(Error cause) && {
  own(detail_).causes.push_back(std::move(cause));
  return std::move(*this);
}

Error Error::with_lack(Lack lack) && {
  own(detail_).lacks = lack;
  return std::move(*this);
}

std::string printable(std::string_view name) {
  std::string out;
  out.reserve(name.size());
  put_printable(name, '\0', [&](std::string_view piece) { out += piece; });
  return out;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = first_character(text).size;
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

std::string Error::text() const {
  std::string out;
  append_report(out, *this, 0);
  return out;
}

namespace {

// Back references (S_, S0_, T_, ...) let a short name stand for one that is exponentially longer. A level of a nest
// with k of them is k times as long as the one below, and most is made of a number of references by three a level: a
// factor of 3^(1/3), somewhat more than 2^(1/2), for each. Names that may come to more than a megabyte stay mangled.
bool may_explode(std::string_view mangled) {
  constexpr std::size_t kGreatestWidth = 20;  // of the size, in bits
  std::size_t references = 0;
  for (std::size_t i = 0; i + 1 < mangled.size(); ++i) {
    const char next = mangled[i + 1];
    const bool refers = next == '_' || (next >= '0' && next <= '9') || (next >= 'A' && next <= 'Z');
    if ((mangled[i] == 'S' || mangled[i] == 'T') && refers) ++references;
  }
  return static_cast<std::size_t>(std::bit_width(mangled.size())) + references * 17 / 32 > kGreatestWidth;
}

}  // namespace

std::string demangle(std::string_view symbol) {
  std::string_view base = symbol.substr(0, symbol.find('@'));
  if (!base.starts_with("_Z") || base.size() > kLongestDemangled || may_explode(base)) return std::string(symbol);
  std::string mangled(base);
  int status = 0;
  std::unique_ptr<char, decltype(&std::free)> plain(
      abi::__cxa_demangle(mangled.c_str(), nullptr, nullptr, &status), &std::free);
  if (!plain || status != 0) return std::string(symbol);
  std::string text = plain.get();
  if (text.size() > kLongestDemangled) text = text.substr(0, kLongestDemangled) + "...";
  return text + std::string(symbol.substr(base.size()));
}

}  // namespace enfold
