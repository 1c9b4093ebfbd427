// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A set that needs a shared library (library.cc).
extern "C" int storm_library(int n);
extern "C" int storm_through_library(int n) { return storm_library(n); }
