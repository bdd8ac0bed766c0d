# Warnings, determinism flags and sanitizers, carried by one interface target that every target links.
option(REHEARSAL_TESTS "Build the tests and benchmarks" ON)
option(REHEARSAL_SANITIZE "Address and undefined-behaviour sanitizers" OFF)
option(REHEARSAL_FUZZ "The fuzz targets; needs Clang" OFF)

add_library(project_options INTERFACE)
target_include_directories(project_options INTERFACE
  "$<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}>"
  "$<INSTALL_INTERFACE:include/rehearsal>")
target_compile_features(project_options INTERFACE cxx_std_20)

# The same bits from every compiler: no fused multiply-add. Users of the installed headers need it as well.
target_compile_options(project_options INTERFACE -ffp-contract=off)

# Only for building this repository: warnings are errors, and no folder of the building machine gets into the
# program (assertions and debug information name files from the root of the repository, whether the compiler was
# given their full path or, by ccache, the one from the build folder).
file(RELATIVE_PATH root_from_build "${CMAKE_BINARY_DIR}" "${CMAKE_SOURCE_DIR}")
set(build_options
  -Wall -Wextra -Wconversion -Wshadow -Werror
  "-ffile-prefix-map=${root_from_build}="
  "-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=")
# GCC 12 with optimisation sees overlapping copies in `"text" + std::string` (GCC bug 105651) and uninitialised strings
# in temporary aggregates, and neither is there. Clang and the sanitizers look for both as well.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  list(APPEND build_options -Wno-restrict -Wno-maybe-uninitialized)
endif()
# std::stable_sort of GCC 12's library uses a function of its own that Clang reports as deprecated.
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  list(APPEND build_options -Wno-deprecated-declarations)
endif()
target_compile_options(project_options INTERFACE "$<BUILD_INTERFACE:${build_options}>")

if(REHEARSAL_SANITIZE)
  target_compile_options(project_options INTERFACE
    "$<BUILD_INTERFACE:-fsanitize=address,undefined;-fno-sanitize-recover=all;-fno-omit-frame-pointer>")
  target_link_options(project_options INTERFACE "$<BUILD_INTERFACE:-fsanitize=address,undefined>")
endif()
