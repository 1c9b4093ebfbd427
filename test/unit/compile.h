// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Objects for the tests, made by the compiler when a test asks for them and kept in the build directory under a hash of
// all that went in.
#ifndef ENFOLD_TEST_UNIT_COMPILE_H_
#define ENFOLD_TEST_UNIT_COMPILE_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace enfold::test {

using ObjectBytes = std::span<const std::byte>;  // valid until the process ends

// Throw std::runtime_error with the command when the compiler refuses.
ObjectBytes c_object(std::string_view source, std::string_view flags = "-O1");
ObjectBytes cxx_object(std::string_view source, std::string_view flags = "-O1");
ObjectBytes assembled(std::string_view source);
ObjectBytes c_file(const std::string& path, std::string_view flags);
ObjectBytes cxx_file(const std::string& path, std::string_view flags);

// A shared library; its path.
std::string shared_library(std::string_view source, std::string_view flags = "-O1");

// What objdump makes of machine code that lies at `address`: one instruction a line, operands by name, blanks single:
// "lea 0xff9(%rip),%rax # 0x2000".
std::string disassemble(std::span<const std::byte> code, std::uint64_t address);

// The same of instructions that lie nowhere, by LLVM, which knows newer ones: "leaq -4(%rip), %r16".
std::string disassemble_by_llvm(std::span<const std::byte> code);

}  // namespace enfold::test

#endif  // ENFOLD_TEST_UNIT_COMPILE_H_
