# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# enfold::host: how a program that links sets is best built itself. Default flags make the compiler address data of
# shared libraries directly, which the linker turns into copies inside the executable: `stderr`, `std::cout`, `environ`.
# A set near the C library cannot address those directly in turn. Without copies all of it stays in reach.
include(CheckCXXCompilerFlag)
add_library(enfold_host INTERFACE)
add_library(enfold::host ALIAS enfold_host)
set_target_properties(enfold_host PROPERTIES EXPORT_NAME host)
target_compile_options(enfold_host INTERFACE -fPIC)
foreach(flag -mno-direct-extern-access -fno-direct-access-external-data)
  string(MAKE_C_IDENTIFIER "ENFOLD_HAS${flag}" has)
  check_cxx_compiler_flag("${flag} -Werror" ${has})
  if(${has})
    target_compile_options(enfold_host INTERFACE ${flag})
  endif()
endforeach()
target_link_options(enfold_host INTERFACE -pie LINKER:-z,nocopyreloc)

# Unwinders find linked code by way of _dl_find_object, and collectors the data of sets by way of dl_iterate_phdr
# (SessionOptions::list_data), if the program exports the library's. Linkers do that unasked where a library on the
# command line refers to them, as libgcc_s does.
include(CheckLinkerFlag)
check_linker_flag(CXX LINKER:--export-dynamic-symbol=_dl_find_object ENFOLD_HAS_EXPORT_DYNAMIC_SYMBOL)
if(ENFOLD_HAS_EXPORT_DYNAMIC_SYMBOL)
  target_link_options(enfold_host INTERFACE LINKER:--export-dynamic-symbol=_dl_find_object
    LINKER:--export-dynamic-symbol=dl_iterate_phdr)
endif()

# Where CMAKE_POSITION_INDEPENDENT_CODE is on, CMake would add -fPIE behind the target's own -fPIC.
function(enfold_make_host target)
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_link_libraries(${target} PRIVATE enfold_host)
endfunction()
