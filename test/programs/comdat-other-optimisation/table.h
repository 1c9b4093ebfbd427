// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
inline int classify(int n) {
  static const char* const names[] = {"zero", "one", "two", "three", "four", "five", "six"};
  switch (n) {
    case 0: return 100;
    case 1: return 17;
    case 2: return 250;
    case 3: return names[3][0];
    case 4: return names[4][1];
    case 5: return names[5][2];
    case 6: return names[6][2];
    default: throw n;
  }
}
