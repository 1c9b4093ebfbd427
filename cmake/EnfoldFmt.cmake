# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# enfold_fmt: fmt's headers, and nothing of its library. src/fmt.cc compiles what fmt itself keeps in its library, once:
# header-only, each file that formats would cost seconds more. Its names lie in an inline namespace of our own and are
# hidden, so that a program which links another copy of fmt, by whatever means, has two that know nothing of each other.
find_package(fmt REQUIRED)

add_library(enfold_fmt INTERFACE)
target_include_directories(enfold_fmt SYSTEM INTERFACE
  $<TARGET_PROPERTY:fmt::fmt-header-only,INTERFACE_INCLUDE_DIRECTORIES>)

# What src/fmt.cc has to compile differs from one major version to the next.
if(fmt_VERSION VERSION_GREATER_EQUAL 9 AND fmt_VERSION VERSION_LESS 10)
  target_compile_definitions(enfold_fmt INTERFACE
    "FMT_BEGIN_NAMESPACE=namespace fmt { inline namespace __attribute__((visibility(\"hidden\"))) enfold_v9 {"
    "FMT_END_NAMESPACE=} }")
else()
  message(STATUS "fmt ${fmt_VERSION} is used header-only: builds are faster with fmt 9")
  target_compile_definitions(enfold_fmt INTERFACE FMT_HEADER_ONLY=1)
endif()
