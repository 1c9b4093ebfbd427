// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A host function that sets call to tell what they do and when: `void note(int)`.
#ifndef ENFOLD_TEST_UNIT_NOTES_H_
#define ENFOLD_TEST_UNIT_NOTES_H_

#include <vector>

#include "support.h"

namespace enfold::test {

inline std::vector<int>& notes() {
  static std::vector<int> taken;
  return taken;
}

inline void note(int n) { notes().push_back(n); }

// A test with a session that defines `note`.
struct WithNotes : testing::Test {
  WithNotes() {
    notes().clear();
    must(session->define("note", target(&note), HostSymbolKind::kFunction));
  }
  std::unique_ptr<Session> session = new_session();
};

using Noted = std::vector<int>;

}  // namespace enfold::test

#endif  // ENFOLD_TEST_UNIT_NOTES_H_
