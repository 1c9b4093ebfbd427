# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
include(CMakePackageConfigHelpers)
install(TARGETS enfold enfold_host enfold_thread_pool EXPORT enfoldTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} OBJECTS DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS enfold_allocator LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/enfold DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT enfoldTargets NAMESPACE enfold:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/enfold)
configure_package_config_file(cmake/enfoldConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/enfoldConfig.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/enfold)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/enfoldConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/enfoldConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/enfoldConfigVersion.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/enfold)
