// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef ENFOLD_PRINTABLE_H_
#define ENFOLD_PRINTABLE_H_

#include <string>
#include <string_view>

namespace enfold {

// A name as a terminal may have it: control characters, line separators, characters that change the direction of
// writing, and bytes that are no UTF-8 are shown as escapes, "\x1b" and "\u202e". Other names stay as they are. Plans,
// places of errors and descriptions have names as the files have them; Error::text() and write_text() show them so.
std::string printable(std::string_view name);

// Whether it is well-formed UTF-8 (RFC 3629).
bool is_utf8(std::string_view text);

}  // namespace enfold

#endif  // ENFOLD_PRINTABLE_H_
