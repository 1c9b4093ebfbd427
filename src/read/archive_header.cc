// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "read/archive_header.h"

#include <charconv>
#include <system_error>

namespace enfold::read {
namespace {

constexpr std::uint64_t kNameSize = 16;
constexpr std::uint64_t kSizeAt = 48;
constexpr std::uint64_t kSizeSize = 10;
constexpr std::uint64_t kEndAt = 58;
constexpr std::string_view kEnd = "`\n";

std::string_view without_padding(std::string_view field) {
  return field.substr(0, field.find_last_not_of(' ') + 1);
}

}  // namespace

std::optional<std::uint64_t> parse_decimal(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<MemberHeader> read_member_header(const Source& archive, std::uint64_t offset) {
  const std::optional<Bytes> bytes = archive.slice(offset, kMemberHeaderSize);
  if (!bytes) return std::nullopt;
  const std::string_view text = bytes->text();
  if (text.substr(kEndAt) != kEnd) return std::nullopt;
  const std::optional<std::uint64_t> size = parse_decimal(without_padding(text.substr(kSizeAt, kSizeSize)));
  if (!size) return std::nullopt;
  return MemberHeader{.name = without_padding(text.substr(0, kNameSize)), .size = *size};
}

}  // namespace enfold::read
