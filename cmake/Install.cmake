# cmake --install copies the headers to include/ctgrad/, a package for find_package(ctgrad), and gdb's printers.
# In the tree include/ctgrad/ holds links to the root folders; the installed one holds the files themselves.

include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

file(GLOB umbrellas CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/include/ctgrad/*.hpp)
install(FILES ${umbrellas} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/ctgrad)
install(DIRECTORY ${CTGRAD_FOLDERS} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/ctgrad
        FILES_MATCHING PATTERN "*.hpp")
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/doc/ctgrad)
install(FILES tools/gdb/ctgrad_printers.py DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/ctgrad/gdb)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/ctgrad)
install(TARGETS ctgrad EXPORT ctgradTargets INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT ctgradTargets NAMESPACE ctgrad:: DESTINATION ${package})
configure_package_config_file(cmake/ctgradConfig.cmake.in ctgradConfig.cmake INSTALL_DESTINATION ${package})
write_basic_package_version_file(ctgradConfigVersion.cmake COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES ${PROJECT_BINARY_DIR}/ctgradConfig.cmake ${PROJECT_BINARY_DIR}/ctgradConfigVersion.cmake
              cmake/ctgradBuildType.cmake cmake/ctgradVectors.cmake cmake/ctgradMpi.cmake cmake/ctgradBuckets.cmake
              cmake/ctgradText.cmake
        DESTINATION ${package})
