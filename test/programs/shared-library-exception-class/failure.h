// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
struct Failure {
  explicit Failure(int n) : number(n) {}
  virtual ~Failure() = default;
  virtual int code() const { return number; }
  int number;
};
