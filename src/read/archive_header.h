// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The 60-byte header in front of each member of an archive: text fields padded with spaces.
//
//   name 16 | date 12 | uid 6 | gid 6 | mode 8 | size 10 | "`\n"
//
// The name field holds one of
//   "x.o/"     GNU, a name of up to 15 characters          "x.o"      BSD, up to 16 characters, no spaces
//   "/12"      GNU, the name at byte 12 of the "//" member  "#1/12"    BSD, the first 12 bytes of the contents
//   "/12:345"  GNU, thin: the member at byte 345 of the archive that is named at byte 12 of the "//" member
//   "/", "/SYM64/", "//"   GNU, the index and the long names
#ifndef ENFOLD_READ_ARCHIVE_HEADER_H_
#define ENFOLD_READ_ARCHIVE_HEADER_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "read/source.h"

namespace enfold::read {

inline constexpr std::string_view kArchiveMagic = "!<arch>\n";
inline constexpr std::string_view kThinArchiveMagic = "!<thin>\n";
inline constexpr std::uint64_t kArchiveMagicSize = 8;
inline constexpr std::uint64_t kMemberHeaderSize = 60;

struct MemberHeader {
  std::string_view name;  // the field, without the spaces that pad it
  std::uint64_t size = 0;
};

// The header at `offset`; nothing when there is none, whole and well formed.
std::optional<MemberHeader> read_member_header(const Source& archive, std::uint64_t offset);

// All of `text` as a decimal number.
std::optional<std::uint64_t> parse_decimal(std::string_view text);

}  // namespace enfold::read

#endif  // ENFOLD_READ_ARCHIVE_HEADER_H_
