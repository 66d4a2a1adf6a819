# What can be installed without a compiler: `cmake --build BUILD --target dist` puts a .deb, an archive
# that brings its own libraries, and their checksums into BUILD/dist.

set(CPACK_PACKAGE_NAME crudctl)
set(CPACK_PACKAGE_VENDOR crudctl)
set(CPACK_PACKAGE_CONTACT "The crudctl maintainers <crudctl@localhost>" CACHE STRING
    "Whom the Debian package names as its maintainer")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGE_DESCRIPTION
"Loads a schema and seeds all or nothing, points at the line of an error, sets
aside what it replaces so that it can be brought back, and asks before a server
that matters. Works with PostgreSQL 14 and newer, and runs one for a project that
has none.")
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "ca-certificates, postgresql-client") # HTTPS; `crudctl connect`
set(CPACK_DEBIAN_PACKAGE_SUGGESTS postgresql) # for a profile with own_server
include(CPack)

# Of the archive alone. A sanitizer of the preset cannot be linked statically, and need not be.
add_executable(crudctl_launcher EXCLUDE_FROM_ALL packaging/launcher.cpp)
target_compile_options(crudctl_launcher PRIVATE -fno-sanitize=all)
target_link_options(crudctl_launcher PRIVATE -static -fno-sanitize=all)
target_link_libraries(crudctl_launcher PRIVATE crudctl_profile)

set(dist_folder ${PROJECT_BINARY_DIR}/dist)
add_custom_target(dist
    COMMAND ${CMAKE_COMMAND} -E rm -rf ${dist_folder}
    COMMAND ${CMAKE_CPACK_COMMAND} -G DEB -C $<CONFIG> -B ${dist_folder}
    COMMAND ${CMAKE_COMMAND} -E rm -rf ${dist_folder}/_CPack_Packages
    COMMAND ${PROJECT_SOURCE_DIR}/scripts/tarball.sh ${PROJECT_BINARY_DIR} ${dist_folder}
    COMMAND sh -c "cd \"$0\" && sha256sum crudctl* >SHA256SUMS" ${dist_folder}
    WORKING_DIRECTORY ${PROJECT_BINARY_DIR}
    DEPENDS crudctl crudctl_launcher
    VERBATIM USES_TERMINAL)
