// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// fact: Functions are unwound through whose unwind records hold absolute addresses, of 4 and 8 bytes.
// opts: O2
// models: no-pic
// why: the records are written by hand; absolute addresses of 4 bytes need a program below 2 GiB
// tool: --copy-data
#include <cstdio>
#include <stdexcept>

#include <unwind.h>

extern "C" {
void raise_it() { throw std::runtime_error("it"); }

// What it is asked about tells that the record's data were found.
_Unwind_Reason_Code personality(int, _Unwind_Action actions, _Unwind_Exception_Class, _Unwind_Exception*,
                                _Unwind_Context* context) {
  const auto* data = static_cast<const unsigned char*>(
      const_cast<const void*>(reinterpret_cast<void*>(_Unwind_GetLanguageSpecificData(context))));
  if ((actions & _UA_SEARCH_PHASE) != 0) std::printf("asked about %d; ", data == nullptr ? -1 : *data);
  return _URC_CONTINUE_UNWIND;
}

extern void (*const functions[])();
extern const int function_count;
}

int main() {
  for (int i = 0; i < function_count; ++i) {
    try {
      functions[i]();
      std::printf("%d came back\n", i);
    } catch (const std::exception& caught) {
      std::printf("%d: caught %s\n", i, caught.what());
    }
  }
}
