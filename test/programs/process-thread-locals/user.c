// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
extern __thread int wanted;
extern __thread long zeros[3];

int general(int n) {
  zeros[2] += n;
  return wanted += n;
}

int initial(int n) {
  extern __thread int initially __attribute__((tls_model("initial-exec")));
  return initially += n;
}
