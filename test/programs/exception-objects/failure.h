// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
struct Failure {
  virtual ~Failure() = default;
  virtual int code() const { return 1; }
};
struct Special : Failure { int code() const override { return 2; } };
