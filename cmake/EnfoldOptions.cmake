# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Warnings and sanitizers, for every target of the project and no other.
add_library(enfold_options INTERFACE)
target_compile_options(enfold_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast
  -Wimplicit-fallthrough
  # Of files that are compiled as one, one's names are hidden in another.
  $<$<NOT:$<BOOL:$<TARGET_PROPERTY:UNITY_BUILD>>>:-Wshadow>
  # gcc 12 sees overlaps in std::string's operator+ that are not there (GCC bug 105651).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
  # libstdc++ 12's own std::stable_sort uses a buffer that it deprecates, and clang says so where it is instantiated.
  $<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations>
  $<$<BOOL:${ENFOLD_WERROR}>:-Werror>)
if(ENFOLD_SANITIZE)
  target_compile_options(enfold_options INTERFACE
    -fsanitize=${ENFOLD_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(enfold_options INTERFACE -fsanitize=${ENFOLD_SANITIZE})
endif()

# With ENFOLD_UNITY, several of a target's files are compiled as one, in less than half of the time; where it is "tests",
# those of tests only. Further arguments are files that have names in common with others, and are compiled alone.
function(enfold_unite target)
  if(NOT ENFOLD_UNITY OR (ENFOLD_UNITY STREQUAL "tests" AND NOT target MATCHES "-test$"))
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
  # A class in a file that includes another's: it has one definition all the same.
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
  set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()
